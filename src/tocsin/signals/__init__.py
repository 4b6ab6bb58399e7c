"""What is unusual: first detections and rises, and what people made of them."""
