# What R's surveillance::nowcast says of the HUS/STEC outbreak of 2011 (data(husO104Hosp)).
#
#   Rscript benchmarks/r/nowcast_reference.R > tests/science/detection/nowcast_reference.json
#
# Of the data only the counts by day of hospitalisation and delay are kept. The two Bayesian methods
# that sample are run several times with different seeds: the mean over the runs is the reference,
# and the spread between them says how well it is known.

suppressMessages(library(surveillance))

RUNS <- 12
SAMPLES <- 2500
MAXIMUM <- 300
MEAN_LAMBDA <- 20
VAR_LAMBDA <- 400
LIMITS <- c(5, 20, 60)

to_json <- function(value) {
  if (is.list(value)) {
    parts <- vapply(value, to_json, "")
    if (is.null(names(value))) return(paste0("[", paste(parts, collapse = ",\n"), "]"))
    return(paste0("{", paste0("\"", names(value), "\": ", parts, collapse = ",\n"), "}"))
  }
  if (is.character(value)) return(paste0("\"", value, "\""))
  numbers <- ifelse(is.finite(value), sprintf("%.17g", value), "null")
  if (length(value) == 1) return(numbers)
  paste0("[", paste(numbers, collapse = ","), "]")
}

rows <- function(matrix) lapply(seq_len(nrow(matrix)), function(i) unname(matrix[i, ]))

data(husO104Hosp)
delay <- as.numeric(husO104Hosp$dReport - husO104Hosp$dHosp)
first <- min(husO104Hosp$dHosp)
days <- as.numeric(max(husO104Hosp$dHosp) - first) + 1
held <- unclass(table(
  factor(as.numeric(husO104Hosp$dHosp - first), levels = 0:(days - 1)),
  factor(delay, levels = 0:max(delay))
))

# The size of the negative binomial as the function itself finds it, to the tolerance of its search.
prior_size <- uniroot(
  function(size) MEAN_LAMBDA + MEAN_LAMBDA^2 / size - VAR_LAMBDA, interval = c(1e-12, 50)
)$root

control <- list(
  dRange = NULL, alpha = 0.05, nSamples = SAMPLES,
  N.tInf.prior = structure("poisgamma", mean.lambda = MEAN_LAMBDA, var.lambda = VAR_LAMBDA),
  N.tInf.max = MAXIMUM, gd.prior.kappa = 0.1, predPMF = TRUE
)

run <- function(method, now, D, m, interpretation) {
  when <- seq(now - D, now, by = "1 day")
  capture.output(suppressMessages(suppressWarnings(found <- nowcast(
    now = now, when = when, data = husO104Hosp, dEventCol = "dHosp", dReportCol = "dReport",
    method = method, aggregate.by = "1 day", D = D, m = m, m.interpretation = interpretation,
    control = control
  ))))
  at <- which(epoch(found) %in% when)
  triangle <- reportingTriangle(found)
  pmf <- sapply(as.character(when), function(day) predpmf(found)[[day]][[method]])
  list(
    triangle = triangle, n_x = attr(triangle, "n.x"), N_x = attr(triangle, "N.x"),
    median = as.numeric(upperbound(found))[at],
    lower = found@pi[at, 1, 1], upper = found@pi[at, 1, 2],
    cdf = as.numeric(delayCDF(found)[[sub("[.]bnb$", "", method)]])[1:(D + 1)], pmf = pmf
  )
}

predpmf <- function(found) found@predPMF
reportingTriangle <- function(found) found@reportingTriangle
delayCDF <- function(found) found@delayCDF

# P(total > limit) from below, so that the end of the support takes nothing away: limits × days.
above <- function(pmf) t(sapply(LIMITS, function(limit) 1 - colSums(pmf[1:(limit + 1), ])))

summarise <- function(one) {
  # Where the support ends before a quantile, R answers 0.
  one$upper[one$upper < one$lower] <- NA
  list(
    cdf = one$cdf, median = one$median, lower = one$lower, upper = one$upper,
    mean = colSums(one$pmf * (0:MAXIMUM)), above = rows(above(one$pmf))
  )
}

sample_many <- function(method, now, D, m, interpretation) {
  runs <- lapply(seq_len(RUNS), function(seed) {
    set.seed(seed)
    run(method, now, D, m, interpretation)
  })
  pmf <- Reduce(`+`, lapply(runs, `[[`, "pmf")) / RUNS
  each <- sapply(runs, function(one) colSums(one$pmf * (0:MAXIMUM)))
  spread <- apply(simplify2array(lapply(runs, function(one) above(one$pmf))), c(1, 2), sd)
  cumulated <- apply(pmf, 2, cumsum)
  first_above <- function(p) apply(cumulated, 2, function(column) which.max(column > p) - 1)
  list(
    cdf = runs[[1]]$cdf,
    median = first_above(0.5), lower = first_above(0.025), upper = first_above(0.975),
    mean = rowMeans(each), mean_error = apply(each, 1, sd) / sqrt(RUNS),
    above = rows(above(pmf)), above_error = rows(spread / sqrt(RUNS))
  )
}

describe <- function(name, now, D, m, interpretation) {
  now <- as.Date(now)
  lawless <- run("lawless", now, D, m, interpretation)
  triangle <- lawless$triangle
  triangle[is.na(triangle)] <- 0
  case <- list(
    name = name, now = format(now), maximum_delay = D,
    window = if (is.null(m)) nrow(triangle) else m + 1, window_by = interpretation,
    triangle = rows(unclass(triangle)[, ]), n_x = lawless$n_x, N_x = lawless$N_x,
    lawless = summarise(lawless)
  )
  if (interpretation == "hoehle_anderheiden2014") {
    case$bayes_notrunc_bnb <- summarise(run("bayes.notrunc.bnb", now, D, m, interpretation))
    case$bayes_notrunc <- sample_many("bayes.notrunc", now, D, m, interpretation)
    case$bayes_trunc <- sample_many("bayes.trunc", now, D, m, interpretation)
  }
  case
}

cases <- list(
  describe("whole past", "2011-06-02", 15, NULL, "hoehle_anderheiden2014"),
  describe("window by event, long delays pooled", "2011-06-10", 10, 20, "hoehle_anderheiden2014"),
  describe("window by report", "2011-06-06", 15, 20, "lawless1994")
)

cat(to_json(list(
  source = paste("surveillance", packageVersion("surveillance"), "nowcast, data(husO104Hosp)"),
  first_on = format(first), counts = rows(held), kappa = 0.1, alpha = 0.05,
  prior_mean = MEAN_LAMBDA, prior_size = prior_size,
  limits = LIMITS, cases = cases
)), "\n", sep = "")
