# Upper bounds and alarms of surveillance::earsC on short made-up series; written to
# tests/science/detection/ears_reference.csv, against which detect_ears is held.
# Run from the checkout: Rscript benchmarks/r/ears_reference.R
suppressMessages(library(surveillance))

series <- list(
  rising = c(2, 0, 1, 3, 1, 0, 2, 4, 1, 2, 5, 9, 14, 11, 3, 2, 1, 0),
  sparse = c(0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0, 1),
  constant = c(4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4),
  dense = c(120, 98, 131, 104, 117, 125, 109, 133, 96, 171, 122, 140, 250, 119, 108, 127, 113, 90)
)
number <- function(value) ifelse(is.na(value), "", formatC(value, digits = 17, format = "g"))
lines <- "series,variant,baseline_weeks,minimum_sigma,alpha,week,count,threshold,alarm"
for (name in names(series)) {
  for (variant in c("C1", "C2", "C3")) {
    for (control in list(
      list(baseline = 7, minSigma = 0), list(baseline = 7, minSigma = 0.5),
      list(baseline = 4, minSigma = 0, alpha = 0.05)
    )) {
      control$method <- variant
      result <- earsC(sts(observed = series[[name]], frequency = 52), control)
      judged <- result@control$range
      alarm <- as.integer(result@alarm[, 1])
      lines <- c(lines, paste(
        name, variant, control$baseline, control$minSigma, result@control$alpha, judged - 1,
        series[[name]][judged], number(result@upperbound[, 1]),
        ifelse(is.na(alarm), "", alarm), sep = ","
      ))
    }
  }
}
writeLines(lines, "tests/science/detection/ears_reference.csv")
