"""Finding what is unusual in counts and dates: one method a file, no method changes silently.

``first_detections``  what was never seen before, at which level it is new
``spike_rule``        a window's count over mean + k SD of its own past
``emergences``        alarms of one rise grouped into one emergence
"""
