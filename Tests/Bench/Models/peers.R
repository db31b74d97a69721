# Times lme4 and Earshot on the same generated ratings and prints a table. Arguments: the bench program, and how many
# ratings the first model has (200 participants; default 100000).
suppressPackageStartupMessages(library(lme4))
arguments <- commandArgs(TRUE)
rows <- if (length(arguments) > 1) as.integer(arguments[2]) else 100000L
set.seed(1)

# By default lme4 checks convergence with derivatives, as we do. The time without them is the most favourable to lme4.
compare <- function(formula, d, methods, derivatives) {
  table <- tempfile(fileext = ".csv")
  write.csv(d[c("participant", "query", "system", "distance", "rating")], table, row.names = FALSE, quote = FALSE)
  d$system <- factor(d$system)
  cat("`", formula, "`, ", nrow(d), " ratings, lme4 ", format(packageVersion("lme4")), "\n\n", sep = "")
  cat("| method | lme4 | lme4, no derivatives after | Earshot | times faster | log-likelihood, lme4 | Earshot |\n|---|---|---|---|---|---|---|\n")
  for (reml in methods) {
    fit <- function(derivatives) system.time(m <<- suppressWarnings(suppressMessages(lmer(
      as.formula(formula), d, REML = reml, control = lmerControl(calc.derivs = derivatives)))))[["elapsed"]]
    full <- if (derivatives) sprintf("%.2f s", fit(TRUE)) else "-"
    quick <- fit(FALSE)
    ours <- strsplit(system2(arguments[1], c(table, tolower(reml)), stdout = TRUE), " ")[[1]]
    cat(sprintf("| %s | %s | %.2f s | %.2f s | %.1f | %.4f | %.4f |\n", if (reml) "REML" else "ML", full, quick,
      as.numeric(ours[1]), quick / as.numeric(ours[1]), as.numeric(logLik(m)), as.numeric(ours[2])))
  }
  cat("\n")
}

d <- expand.grid(participant = 1:200, query = seq_len(ceiling(rows / 200)), system = 1)
d$distance <- round(runif(nrow(d), 5, 40), 3)
u <- rnorm(200, 0, 8); s <- rnorm(200, 0, 0.4); q <- rnorm(max(d$query), 0, 5)
d$rating <- round(80 - 1.2 * d$distance + u[d$participant] + s[d$participant] * d$distance + q[d$query] + rnorm(nrow(d), 0, 10), 2)
compare("rating ~ distance + (1 + distance | participant) + (1 | query)", d, c(TRUE, FALSE), TRUE)

# MUSHRA: 200 listeners, 40 items, 8 systems. Derivatives for its 72 parameters are skipped, since they take lme4 long.
d <- expand.grid(participant = 1:200, query = 1:40, system = 1:8, distance = 0)
of <- function(levels) cbind(matrix(rnorm(levels * 8, 0, 5), levels), rnorm(levels, 0, 5))
l <- of(200); i <- of(40)
d$rating <- round(40 + 5 * d$system + l[cbind(d$participant, d$system)] + l[d$participant, 9] + i[cbind(d$query, d$system)] +
  i[d$query, 9] + rnorm(nrow(d), 0, 8), 2)
compare("rating ~ system + (1 + system | participant) + (1 + system | query)", d, TRUE, FALSE)
