# Intraclass correlations with their intervals from psych::ICC (analysis of variance, not lme4), in full precision.
set.seed(8)
tables <- list(
  matrix(c(9,2,5,8, 6,1,3,2, 8,4,6,8, 7,1,2,6, 10,5,6,9, 6,2,4,7), ncol = 4, byrow = TRUE),
  outer(rnorm(20, 50, 15), rnorm(5, 0, 8), "+") + rnorm(100, 0, 10),
  outer(rnorm(8), c(0, 0), "+") + rnorm(16),
  matrix(round(rnorm(60, 5, 2)), ncol = 6))
out <- lapply(tables, function(x) {
  r <- suppressWarnings(psych::ICC(x, lmer = FALSE))$results
  list(units = x, value = r[["ICC"]], f = r[["F"]], p = r[["p"]], low = r[["lower bound"]], high = r[["upper bound"]])
})
folder <- Sys.getenv("ORACLE_OUT", "fixtures")
jsonlite::write_json(list(tables = out), file.path(folder, "icc.json"), digits = I(17), auto_unbox = FALSE)
