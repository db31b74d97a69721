# Loads an export of Earshot into tidy tables, recomputes individual agreement, and fits a mixed model with lme4.
#
#     Rscript analysis/read.R FOLDER        the folder that holds ratings.csv and rankings.csv
#
# The agreement is that of results.json, table `agreement`, level `individual`, metric `spearman`, for a plan without screening
# and with `pooling: none`; where systems chose what the pages show, it is the column `raw` of table `pooling`, which favours those
# systems. The models are those of table `mixed_models` where candidates do not recur. Excluded sessions are left out. Separators (comma, semicolon, tab, bar), decimal commas,
# byte-order marks, words for missing values and names with blanks are read as Earshot reads them (docs/tables.md).

minimum <- 3 # the plan's min_candidates

flag <- function(table, name) {
  if (is.null(table[[name]])) rep(FALSE, nrow(table)) else tolower(trimws(table[[name]])) %in% c("true", "t", "1", "1.0", "yes", "y")
}

read_table <- function(path) {
  lines <- sub("^\ufeff", "", readLines(path, n = 2, encoding = "UTF-8", warn = FALSE))
  told <- grepl('^"?sep=', lines[1], ignore.case = TRUE)
  signs <- c(",", ";", "\t", "|")
  cells <- sapply(signs, function(sign) lengths(strsplit(lines[1], sign, fixed = TRUE)))
  sign <- if (told) substr(gsub('"', "", lines[1]), 5, 5) else signs[which.max(cells)]
  table <- read.table(path, sep = sign, header = TRUE, skip = as.integer(told), quote = '"', comment.char = "", fill = TRUE,
    colClasses = "character", strip.white = TRUE, fileEncoding = "UTF-8-BOM", check.names = FALSE,
    na.strings = c("NA", "N/A", "NaN", "nan", "null", "NULL", "#N/A", ""))
  table <- table[rowSums(!is.na(table)) > 0, nzchar(names(table)), drop = FALSE]
  invisible_signs <- "[\u00ad\u200b-\u200f\u2060\ufeff]"
  for (name in intersect(c("participant", "query", "candidate", "system", "condition", "session", "trial"), names(table))) {
    table[[name]] <- trimws(gsub("[[:space:]\u00a0]+", " ", gsub(invisible_signs, "", table[[name]])))
  }
  for (name in intersect(c("rating", "rank", "distance"), names(table))) {
    table[[name]] <- as.numeric(sub(",", ".", table[[name]], fixed = TRUE))
  }
  table
}

# The sessions that the people who run the study have excluded, by the participants table beside the ratings.
excluded_sessions <- function(folder) {
  file <- file.path(folder, "participants.csv")
  if (!file.exists(file)) return(character())
  people <- read_table(file)
  column <- tail(grep("^(link_)?excluded$", names(people), value = TRUE), 1)
  if (length(column) == 0 || is.null(people$session)) return(character())
  people$session[tolower(trimws(people[[column]])) %in% "true"]
}

load_export <- function(folder) {
  ratings <- read_table(file.path(folder, "ratings.csv"))
  if (!is.null(ratings$session)) ratings <- ratings[!ratings$session %in% excluded_sessions(folder), ]
  rankings <- read_table(file.path(folder, "rankings.csv"))
  for (name in c("is_reference", "is_anchor", "is_catch", "is_repeat", "is_training")) {
    ratings[[name]] <- flag(ratings, name)
  }
  for (name in c("condition", "session", "trial")) {
    if (is.null(ratings[[name]])) ratings[[name]] <- ""
    ratings[[name]][is.na(ratings[[name]])] <- ""
  }
  if (is.null(rankings$condition)) rankings$condition <- ""
  rankings$condition[is.na(rankings$condition)] <- ""
  list(ratings = ratings, rankings = rankings)
}

main_pages <- function(ratings) {
  left_out <- with(ratings, is_reference | is_anchor | is_catch | is_repeat | is_training | is.na(rating))
  ratings[!left_out, ]
}

individual_agreement <- function(both) {
  page <- with(both, paste(condition, system, participant, session, trial, query, sep = "\r"))
  rho <- sapply(split(both, page), function(rows) {
    usable <- nrow(rows) >= minimum && length(unique(rows$rating)) > 1 && length(unique(rows$rank)) > 1
    if (usable) cor(rows$rating, -rows$rank, method = "spearman") else NA
  })
  key <- do.call(rbind, strsplit(names(rho), "\r"))
  table <- data.frame(condition = key[, 1], system = key[, 2], rho = rho)[!is.na(rho), ]
  all <- transform(table, condition = "all")
  if (length(unique(table$condition)) > 1) all <- rbind(all, table)
  aggregate(rho ~ condition + system, all, function(x) c(mean = mean(x), pages = length(x)))
}

# The model of table `mixed_models`, condition `all`, model `linear`: distances, or ranks if some have no distance,
# standardised over the system's ratings. A query under another condition is another query. Queries have random slopes
# if these lower the AIC, by REML.
slope_model <- function(rows) {
  distances <- if (is.null(rows$distance)) rep(NA, nrow(rows)) else rows$distance
  rows$distance <- as.numeric(scale(if (anyNA(distances)) rows$rank else distances))
  rows$query <- paste(rows$query, rows$condition)
  sloped <- lme4::lmer(rating ~ distance + (1 + distance | participant) + (1 + distance | query), data = rows)
  parallel <- lme4::lmer(rating ~ distance + (1 + distance | participant) + (1 | query), data = rows)
  if (AIC(sloped) < AIC(parallel)) sloped else parallel
}

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 1) stop("usage: Rscript read.R FOLDER")
export <- load_export(arguments[1])
both <- merge(main_pages(export$ratings), export$rankings, by = c("query", "condition", "candidate"))
print(individual_agreement(both), digits = 6)
if (requireNamespace("lme4", quietly = TRUE)) {
  for (system in unique(both$system)) {
    model <- slope_model(both[both$system == system, ])
    cat("\n", system, ": ", deparse1(formula(model)), ", REML ", format(as.numeric(logLik(model)), nsmall = 4, digits = 12), "\n",
      sep = "")
    print(coef(summary(model)), digits = 8)
  }
}
