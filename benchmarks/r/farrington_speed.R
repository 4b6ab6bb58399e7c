# Times surveillance::farringtonFlexible: Rscript farrington_speed.R COUNTS.csv OUT.csv FIRST_WEEK.
# COUNTS.csv has a series a line. Prints seconds for all series-weeks, improved and original, and
# seconds for the two regressions of the improved method alone (glm.fit on a design at hand).
suppressMessages(library(surveillance))
arguments <- commandArgs(trailingOnly = TRUE)
counts <- t(as.matrix(read.csv(arguments[1], header = FALSE)))
range <- as.integer(arguments[3]):nrow(counts)
series <- sts(observed = unname(counts), frequency = 52)
improved <- list(
  range = range, b = 5, w = 3, noPeriods = 10, pastWeeksNotIncluded = 26, weightsThreshold = 2.58,
  pThresholdTrend = 1, thresholdMethod = "nbPlugin", alpha = 0.01, limit54 = c(0, 4),
  glmWarnings = FALSE
)
original <- list(
  range = range, b = 5, w = 3, noPeriods = 1, pastWeeksNotIncluded = 3, weightsThreshold = 1,
  pThresholdTrend = 0.05, thresholdMethod = "delta", alpha = 0.05, limit54 = c(0, 4),
  glmWarnings = FALSE
)
rows <- list()
for (name in c("improved", "original")) {
  seconds <- system.time(
    result <- suppressWarnings(farringtonFlexible(series, get(name)))
  )[["elapsed"]]
  cat(name, seconds, "\n")
  rows[[name]] <- cbind(
    c(t(result@control$expected)), c(t(result@upperbound)), c(t(result@alarm))
  )
}
design_of <- function(j) {
  k <- nrow(counts)
  data <- surveillance:::algo.farrington.data.glm(
    k, 5, 52, FALSE, "none", seq_len(k), 3, 10, counts[, j], rep(1, k), FALSE, 26, k
  )
  list(x = model.matrix(~ wtime + seasgroups, data), y = data$response)
}
designs <- lapply(seq_len(ncol(counts)), design_of)
core <- system.time(for (design in designs) for (fit in 1:2) {
  suppressWarnings(glm.fit(design$x, design$y, family = quasipoisson()))
})[["elapsed"]]
cat("core", core * length(range), "\n")
write.table(
  format(do.call(rbind, rows), digits = 17), arguments[2],
  sep = ",", row.names = FALSE, col.names = FALSE, quote = FALSE
)
