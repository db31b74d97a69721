# Adjusted p-values from R's p.adjust.
set.seed(5)
cases <- list(
  c(0.01, 0.02, 0.03, 0.04, 0.05), c(0.04), c(0.5, 0.001, 0.001, 1, 0, 0.02), c(0.9, NA, 0.01, 0.03),
  runif(12)^3, round(runif(20), 1))
out <- lapply(cases, function(p) list(
  p = p, none = p.adjust(p, "none"), holm = p.adjust(p, "holm"), hochberg = p.adjust(p, "hochberg"),
  bh = p.adjust(p, "BH"), by = p.adjust(p, "BY")))
folder <- Sys.getenv("ORACLE_OUT", "fixtures")
jsonlite::write_json(list(cases = out), file.path(folder, "adjust.json"), digits = NA, na = "null", auto_unbox = FALSE)
