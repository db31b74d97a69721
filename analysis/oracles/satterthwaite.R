# Satterthwaite's degrees of freedom of linear mixed models from lmerTest, with one to three crossed factors.
suppressPackageStartupMessages(library(lmerTest))
set.seed(47)
ratings <- function(people, queries, sounds, slope_sd, query_sd, sound_sd, keep = 0.7) {
  d <- expand.grid(participant = 1:people, query = 1:queries, candidate = 1:sounds)
  near <- matrix(runif(queries * sounds, 5, 40), queries)
  d$distance <- round(near[cbind(d$query, d$candidate)], 3)
  d <- d[runif(nrow(d)) < keep, ]
  s <- rnorm(people, 0, slope_sd); q <- rnorm(queries, 0, query_sd); k <- rnorm(sounds, 0, sound_sd)
  d$rating <- round(60 - 0.3 * d$distance + rnorm(people, 0, 8)[d$participant] + s[d$participant] * d$distance +
    q[d$query] * d$distance + rnorm(queries, 0, 5)[d$query] + k[d$candidate] + rnorm(nrow(d), 0, 10), 2)
  d
}
formulas <- list(
  listeners = rating ~ distance + (1 + distance | participant),
  "listeners and queries" = rating ~ distance + (1 + distance | participant) + (1 | query),
  "slopes of both" = rating ~ distance + (1 + distance | participant) + (1 + distance | query),
  "and candidates" = rating ~ distance + (1 + distance | participant) + (1 + distance | query) + (1 | candidate))
fit <- function(d, formula) {
  m <- suppressMessages(suppressWarnings(lmer(formula, d, REML = TRUE, control = lmerControl(optimizer = "nloptwrap",
    calc.derivs = FALSE, optCtrl = list(xtol_abs = 1e-10, ftol_abs = 1e-12, xtol_rel = 0, ftol_rel = 0, maxeval = 1e5)))))
  t <- coef(summary(m, ddf = "Satterthwaite"))
  list(formula = deparse1(formula), factors = I(names(VarCorr(m))), terms = I(unname(sapply(VarCorr(m), nrow))),
    log_likelihood = as.numeric(logLik(m)), values = I(unname(t[, "Estimate"])), errors = I(unname(t[, "Std. Error"])),
    degrees_of_freedom = I(unname(t[, "df"])), p = I(unname(t[, "Pr(>|t|)"])), singular = isSingular(m))
}
case <- function(name, d, wanted) list(name = name, response = d$rating, distance = d$distance,
  levels = lapply(d[c("participant", "query", "candidate")], function(k) as.integer(factor(k)) - 1L),
  fits = lapply(unname(formulas[wanted]), function(f) fit(d, f)))
cases <- list(
  case("slopes that differ", ratings(9, 8, 6, 0.3, 0.3, 6), 1:4),
  case("the same six sounds", ratings(10, 12, 6, 0.2, 0.1, 10, 1), 2:4),
  case("few of everything", ratings(5, 4, 5, 0.2, 0.2, 5), 1:2))
folder <- Sys.getenv("ORACLE_OUT", "fixtures")
jsonlite::write_json(list(cases = cases), file.path(folder, "satterthwaite.json"), digits = I(10), auto_unbox = TRUE)
