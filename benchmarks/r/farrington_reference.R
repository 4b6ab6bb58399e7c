# What surveillance::farringtonFlexible says of short made-up series; written to
# tests/science/detection/farrington_flexible/reference_numbers.json, against which
# detect_farrington is held. Run from the checkout: Rscript benchmarks/r/farrington_reference.R
suppressMessages(library(surveillance))
set.seed(20261122)

season <- function(n, year) sin(2 * pi * seq_len(n) / year)
draw <- function(mean, phi) {
  if (phi > 1) rnbinom(length(mean), size = mean / (phi - 1), prob = 1 / phi) else rpois(length(mean), mean)
}
weeks <- 180
past_outbreak <- draw(exp(1.5 + 0.5 * season(weeks, 52)), 1.4)
past_outbreak[c(40:44, 120:122, 176)] <- past_outbreak[c(40:44, 120:122, 176)] + c(9, 25, 30, 14, 6, 20, 18, 9, 30)
late <- numeric(weeks)
late[c(160, 167, 173, 176:180)] <- c(1, 1, 2, 1, 3, 5, 9, 14)
one <- numeric(weeks)
one[176] <- 1
weekly <- list(
  dense = draw(exp(3 + 0.003 * seq_len(weeks) + 0.4 * season(weeks, 52)), 2),
  falling = draw(exp(2.5 - 0.01 * seq_len(weeks)), 1.5),
  poisson = draw(exp(1 + 0.3 * season(weeks, 52)), 1),
  sparse = draw(rep(0.08, weeks), 1.5),
  outbreaks = past_outbreak,
  late = late,
  one = one,
  none = numeric(weeks),
  great = draw(exp(9 + 0.004 * seq_len(weeks) + 0.3 * season(weeks, 52)), 40),
  explosive = round(exp(seq(-6, 12, length.out = weeks)))
)
people <- round(40000 * exp(0.004 * seq_len(weeks)))
long <- draw(exp(0.8 + 0.5 * season(320, 52) + 0.002 * seq_len(320)), 2)
months <- 96
monthly <- list(
  yearly = draw(exp(2 + 0.01 * seq_len(months) + 0.8 * season(months, 12)), 2),
  rare = draw(rep(0.4, months), 1)
)
month_people <- round(9000 * exp(-0.01 * seq_len(months)))

improved <- list(
  b = 3, w = 3, noPeriods = 10, pastWeeksNotIncluded = 26, weightsThreshold = 2.58,
  pThresholdTrend = 1, thresholdMethod = "nbPlugin", alpha = 0.01, limit54 = c(0, 4),
  reweight = TRUE, trend = TRUE, powertrans = "2/3", populationOffset = FALSE
)
original <- modifyList(improved, list(
  noPeriods = 1, pastWeeksNotIncluded = 3, weightsThreshold = 1, pThresholdTrend = 0.05,
  thresholdMethod = "delta", alpha = 0.05
))
month <- modifyList(improved, list(w = 1, noPeriods = 4, pastWeeksNotIncluded = 6))

number <- function(value) {
  text <- ifelse(is.na(value), "null", formatC(value, digits = 17, format = "g"))
  text <- ifelse(is.infinite(value), "1e999", text)
  paste0("[", paste(text, collapse = ","), "]")
}
plain <- function(value) {
  if (is.logical(value)) return(tolower(as.character(value)))
  if (is.character(value)) return(paste0('"', value, '"'))
  if (length(value) > 1) return(paste0("[", paste(value, collapse = ","), "]"))
  as.character(value)
}
cases <- character()
add <- function(name, counts, control, range, frequency = 52, first_day = NULL, population = NULL) {
  by_date <- !is.null(first_day)
  arguments <- list(observed = counts, frequency = frequency)
  if (by_date) {
    step <- if (frequency == 52) "week" else "month"
    arguments$epoch <- as.numeric(seq(as.Date(first_day), by = step, length.out = length(counts)))
    arguments$epochAsDate <- TRUE
  }
  if (!is.null(population)) {
    arguments$population <- as.matrix(population)
  }
  series <- do.call(sts, arguments)
  control$glmWarnings <- FALSE
  # R fails on a range with gaps.
  whole <- min(range):max(range)
  result <- suppressWarnings(farringtonFlexible(series, c(control, list(range = whole))))
  chosen <- match(range, whole)
  control$glmWarnings <- NULL
  found <- list(
    expected = result@control$expected, upperbound = result@upperbound,
    alarm = as.numeric(result@alarm), score = result@control$score,
    pvalue = result@control$pvalue, phi = result@control$phiVector,
    mu0Vector = result@control$mu0Vector, trendVector = result@control$trendVector
  )
  settings <- paste0('"', names(control), '": ', vapply(control, plain, ""), collapse = ", ")
  numbers <- paste0('"', names(found), '": ', vapply(found, function(one) number(c(one)[chosen]), ""), collapse = ",\n   ")
  cases <<- c(cases, paste0(
    '{"name": "', name, '", "frequency": ', frequency, ', "first_day": ',
    if (by_date) plain(first_day) else "null", ',\n   "settings": {', settings,
    '},\n   "counts": ', plain(counts), ',\n   "population": ',
    if (is.null(population)) "null" else plain(population), ',\n   "k": ', plain(range), ",\n   ", numbers, "}"
  ))
}

for (name in names(weekly)) {
  counts <- weekly[[name]]
  add(paste(name, "improved"), counts, improved, c(176, 180))
  add(paste(name, "original"), counts, original, c(176, 180))
  add(paste(name, "improved by date"), counts, improved, c(174, 177), first_day = "2012-12-03")
}
changed <- list(
  muan = list(thresholdMethod = "muan"),
  delta = list(thresholdMethod = "delta"),
  "square root" = list(thresholdMethod = "delta", powertrans = "1/2"),
  untransformed = list(thresholdMethod = "delta", powertrans = "none"),
  "no trend" = list(trend = FALSE),
  "no weights" = list(reweight = FALSE, thresholdMethod = "delta"),
  "no weights, tested trend" = list(reweight = FALSE, thresholdMethod = "muan", pThresholdTrend = 0.05),
  "tested trend" = list(pThresholdTrend = 0.05),
  "low weights threshold" = list(weightsThreshold = 1),
  "two years" = list(b = 2, w = 2, noPeriods = 5),
  limited = list(limit54 = c(12, 3)),
  "recent past" = list(pastWeeksNotIncluded = 1),
  "fifty groups" = list(w = 0, noPeriods = 49),
  "groups without room" = list(w = 3, noPeriods = 48),
  "small alpha" = list(alpha = 0.0005)
)
for (name in names(changed)) {
  control <- modifyList(improved, changed[[name]])
  add(paste("outbreaks", name), weekly$outbreaks, control, c(176, 179))
  add(paste("sparse", name), weekly$sparse, control, c(178))
}
for (method in c("nbPlugin", "delta")) {
  control <- modifyList(improved, list(populationOffset = TRUE, thresholdMethod = method))
  add(paste("dense population", method), weekly$dense, control, c(175, 180), population = people)
  control <- modifyList(control, list(pThresholdTrend = 1e-9))
  add(paste("sparse population", method), weekly$sparse, control, c(175, 180), population = people)
}
add("first week R judges", weekly$dense, improved, c(159, 160))
add("great muan", weekly$great, modifyList(improved, list(thresholdMethod = "muan")), c(180))
add("none muan", weekly$none, modifyList(improved, list(thresholdMethod = "muan")), c(180))
# A leap day, and years of 52 and of 53 weeks.
leap <- which(seq(as.Date("2009-12-28"), by = "week", length.out = 330) == as.Date("2016-02-29"))
long_by_date <- draw(exp(0.8 + 0.5 * season(330, 52)), 2)
add("leap day", long_by_date, modifyList(improved, list(b = 5)), c(leap - 1, leap), first_day = "2009-12-28")
add("five years", long, modifyList(improved, list(b = 5)), c(318))
for (name in names(monthly)) {
  counts <- monthly[[name]]
  add(paste(name, "months"), counts, month, c(60, 95, 96), frequency = 12)
  add(paste(name, "months by date"), counts, month, c(60, 95, 96), frequency = 12, first_day = "2011-01-01")
  add(
    paste(name, "months population"), counts,
    modifyList(month, list(populationOffset = TRUE, thresholdMethod = "muan")), c(95, 96),
    frequency = 12, first_day = "2011-02-01", population = month_people
  )
  add(paste(name, "months original"), counts, modifyList(original, list(b = 5, w = 2)), c(90, 96), frequency = 12)
}
add("months crowded", monthly$yearly, modifyList(month, list(w = 2, noPeriods = 10)), c(94, 96), frequency = 12)
writeLines(
  c("[", paste(cases, collapse = ",\n"), "]"),
  "tests/science/detection/farrington_flexible/reference_numbers.json"
)
