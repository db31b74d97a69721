# Times lme4 and Earshot on the same generated ratings and prints a table. Arguments: the bench program, and how many
# ratings (200 participants; default 100000).
suppressPackageStartupMessages(library(lme4))
arguments <- commandArgs(TRUE)
rows <- if (length(arguments) > 1) as.integer(arguments[2]) else 100000L
set.seed(1)
d <- expand.grid(participant = 1:200, query = seq_len(ceiling(rows / 200)))
d$distance <- round(runif(nrow(d), 5, 40), 3)
u <- rnorm(200, 0, 8); s <- rnorm(200, 0, 0.4); q <- rnorm(max(d$query), 0, 5)
d$rating <- round(80 - 1.2 * d$distance + u[d$participant] + s[d$participant] * d$distance + q[d$query] + rnorm(nrow(d), 0, 10), 2)
table <- tempfile(fileext = ".csv")
write.csv(d, table, row.names = FALSE, quote = FALSE)
cat("`rating ~ distance + (1 + distance | participant) + (1 | query)`,", nrow(d), "ratings, lme4", format(packageVersion("lme4")), "\n\n")
cat("| method | lme4 | lme4, no derivatives after | Earshot | times faster | log-likelihood, lme4 | Earshot |\n|---|---|---|---|---|---|---|\n")
for (reml in c(TRUE, FALSE)) {
  # By default lme4 checks its end by derivatives, which we do too; without them is the fairest time.
  fit <- function(derivatives) system.time(m <<- suppressWarnings(suppressMessages(lmer(
    rating ~ distance + (1 + distance | participant) + (1 | query), d, REML = reml, control = lmerControl(calc.derivs = derivatives)))))[["elapsed"]]
  full <- fit(TRUE); quick <- fit(FALSE)
  ours <- strsplit(system2(arguments[1], c(table, tolower(reml)), stdout = TRUE), " ")[[1]]
  cat(sprintf("| %s | %.2f s | %.2f s | %.2f s | %.1f | %.4f | %.4f |\n", if (reml) "REML" else "ML", full, quick, as.numeric(ours[1]),
    quick / as.numeric(ours[1]), as.numeric(logLik(m)), as.numeric(ours[2])))
}
