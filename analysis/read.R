# Loads an export of Earshot into tidy tables, recomputes individual agreement, and fits a mixed model with lme4.
#
#     Rscript analysis/read.R FOLDER          the folder that holds ratings.csv and rankings.csv
#     Rscript analysis/read.R FOLDER BLOCK    one block, where the study has several (column block_name)
#
# Encodings, separators, decimal commas, words for yes, no and missing, and names are read as Earshot reads them
# (docs/tables.md), in any locale; except that accents written as characters of their own are not composed, and that a
# quotation mark inside a cell needs quotation marks around the cell. Excluded sessions are left out. Several blocks are never
# combined: the figures are printed block by block, as `earshot analyze` writes them in blocks/NAME.
#
# The agreement is that of results.json, table `agreement`, level `individual`, metric `spearman`, for a plan without screening
# and with `pooling: none`. Where systems chose what the pages show, it is the column `raw` of table `pooling`, which favours those
# systems. The models are those of table `mixed_models` for the same plan where candidates do not recur, or with
# `candidates: fixed`.

minimum <- 3 # the plan's min_candidates

name_columns <- c("participant", "query", "candidate", "condition", "system", "session", "trial", "block_name")
number_columns <- c("rating", "rank", "distance")
flag_columns <- c("is_reference", "is_anchor", "is_catch", "is_repeat", "is_training")

yes <- c("true", "t", "yes", "y", "wahr", "ja", "vrai", "oui", "verdadero", "vero")
no <- c("false", "f", "no", "n", "falsch", "nein", "faux", "non", "falso")
# In numbers and flags, in any case.
missing_words <- c("na", "n/a", "#n/a", "#nv", "<na>", "n.a.", "nan", "-nan", "null", "none", "nil", "missing", ".", "-", "\u2013",
  "\u2014")

# How numbers are written, in the order in which the patterns are tried: `either` may mean decimals or thousands.
exponent <- "(?:e[+-]?[0-9]+)?"
ways <- c(
  point = paste0("(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)", exponent),
  either = "(?!0,)[0-9]{1,3},[0-9]{3}",
  comma = paste0("(?:[0-9]+,[0-9]*|,[0-9]+)", exponent),
  thousands = paste0("(?!0,)[0-9]{1,3}(?:,[0-9]{3})+(?:\\.[0-9]*)?", exponent),
  comma = paste0("(?!0\\.)[0-9]{1,3}(?:\\.[0-9]{3})+(?:,[0-9]*)?", exponent)
)
unclear_point <- "^[+-]?(?!0\\.)[0-9]{1,3}\\.[0-9]{3}$" # it may separate thousands as well

fail <- function(...) stop(..., call. = FALSE)

# Without invisible characters, with single blanks between words.
clean <- function(text) {
  text <- gsub("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]", "", text)
  gsub("^ | $", "", gsub("[[:space:][:cntrl:]\u00a0\u2000-\u200a\u202f\u3000\u2800]+", " ", text))
}

# What a file says, in UTF-8 with line feeds, without a byte-order mark. Nothing depends on the locale.
read_text <- function(path) {
  if (!file.exists(path)) fail("there is no ", path)
  bytes <- readBin(path, "raw", file.size(path))
  begins <- function(...) identical(head(bytes, ...length()), as.raw(c(...)))
  if (begins(0xff, 0xfe) || begins(0xfe, 0xff)) bytes <- iconv(list(bytes), "UTF-16", "UTF-8", toRaw = TRUE)[[1]]
  if (begins(0xef, 0xbb, 0xbf)) bytes <- bytes[-(1:3)]
  returns <- which(bytes == 0x0d)
  before_feed <- returns[bytes[pmin(returns + 1, length(bytes))] == 0x0a]
  bytes[returns] <- as.raw(0x0a)
  text <- rawToChar(if (length(before_feed) > 0) bytes[-before_feed] else bytes)
  if (!validUTF8(text)) fail(path, " is not UTF-8. Save it again as UTF-8.")
  Encoding(text) <- "UTF-8"
  text
}

# The cells of a table as text, NA if empty. Words for missing names count as empty without quotation marks.
read_cells <- function(path) {
  text <- read_text(path)
  first <- sub("\n.*", "", text)
  told <- grepl('^"?sep=.', first, ignore.case = TRUE)
  signs <- c(",", ";", "\t", "|")
  cells <- sapply(signs, function(sign) lengths(strsplit(first, sign, fixed = TRUE)))
  sign <- if (told) substr(gsub('"', "", first), 5, 5) else signs[which.max(cells)]
  if (told) text <- sub("^[^\n]*\n", "", text)
  within <- paste0("[^\\", sign, "\n]")
  unquoted <- paste0("(?<!", within, ") *(?:NA|N/A|#N/A|<NA>|NaN|nan|NULL) *(?!", within, ")")
  text <- gsub(paste0("(?<!", within, ') *"[^"]*+(?:""[^"]*+)*+"(*SKIP)(*F)|', unquoted), "", text, perl = TRUE)
  table <- tryCatch(
    read.table(text = text, sep = sign, header = TRUE, quote = '"', comment.char = "", colClasses = "character",
      strip.white = TRUE, encoding = "UTF-8", check.names = FALSE, na.strings = ""),
    error = function(problem) fail(path, ": ", conditionMessage(problem)))
  names(table) <- clean(names(table))
  if (anyDuplicated(setdiff(names(table), ""))) fail(path, ": two columns have the same name")
  table[rowSums(!is.na(table)) > 0, nzchar(names(table)), drop = FALSE]
}

# How numbers are written, NA for what is none.
written <- function(text) {
  kind <- rep(NA_character_, length(text))
  for (i in seq_along(ways)) {
    fits <- is.na(kind) & grepl(paste0("^[+-]?", ways[i], "$"), text, perl = TRUE, ignore.case = TRUE)
    kind[fits] <- names(ways)[i]
  }
  kind
}

minus <- function(text) gsub("\u2212", "-", clean(text), fixed = TRUE)

# What the columns of a table show about their numbers: the kinds that occur in each.
decimal_signs <- function(table) {
  lapply(table, function(cells) {
    text <- minus(unique(cells[grepl("[,.]", cells)]))
    kind <- written(text)
    kind[kind %in% "point" & grepl(unclear_point, text, perl = TRUE)] <- "unclear"
    unique(kind[!is.na(kind)])
  })
}

as_numbers <- function(cells, column, signs) {
  text <- minus(cells)
  text[tolower(text) %in% c("", missing_words)] <- NA
  kind <- written(text)
  wrong <- function(rows, why) if (any(rows)) fail("'", column, "' is '", text[rows][1], "', which ", why)
  wrong(!is.na(text) & is.na(kind), "is not a number")
  kinds <- unlist(signs)
  is_unclear <- kind %in% "point" & grepl(unclear_point, text, perl = TRUE) & "comma" %in% kinds &
    ("comma" %in% signs[[column]] || !"point" %in% signs[[column]])
  is_unclear <- is_unclear | (kind %in% "comma" & "unclear" %in% signs[[column]]) |
    (kind %in% "either" & ("comma" %in% kinds) == ("thousands" %in% kinds))
  wrong(is_unclear, "may have decimals or thousands. Write it as in 1234.5.")
  has_comma <- kind %in% "comma" | (kind %in% "either" & "comma" %in% kinds)
  plain <- ifelse(has_comma, sub(",", ".", gsub(".", "", text, fixed = TRUE), fixed = TRUE), gsub(",", "", text, fixed = TRUE))
  number <- as.numeric(plain)
  wrong(is.infinite(number), "is too large")
  number
}

# Whether cells say yes, in the words of Earshot's tables. A missing value is no.
as_flags <- function(cells, column) {
  said <- tolower(clean(cells))
  one <- suppressWarnings(as.numeric(sub(",", ".", said, fixed = TRUE)))
  one[!written(said) %in% c("point", "comma")] <- NA
  unknown <- !is.na(said) & !said %in% c("", yes, no, missing_words) & !one %in% c(0, 1)
  if (any(unknown)) fail("'", column, "' is '", cells[unknown][1], "'. Write true or false.")
  said %in% yes | one %in% 1
}

# A table with names as text, numbers as numbers and flags as truth values. Every row must fill the columns `needed`.
read_table <- function(path, needed = character(), flags = character()) {
  table <- read_cells(path)
  lacking <- setdiff(needed, names(table))
  if (length(lacking) > 0) fail(path, " has no column '", lacking[1], "'")
  signs <- decimal_signs(table)
  tryCatch({
    for (name in intersect(name_columns, names(table))) {
      table[[name]] <- clean(table[[name]])
      table[[name]][table[[name]] %in% ""] <- NA
    }
    for (name in intersect(number_columns, names(table))) table[[name]] <- as_numbers(table[[name]], name, signs)
    for (name in intersect(flags, names(table))) table[[name]] <- as_flags(table[[name]], name)
  }, error = function(problem) fail(path, ": ", conditionMessage(problem)))
  for (name in setdiff(needed, "rating")) {
    if (anyNA(table[[name]])) fail(path, ": '", name, "' is missing in a row. A name such as NA needs quotation marks.")
  }
  table
}

# The sessions that the people who run the study have excluded, by the participants table beside the ratings.
excluded_sessions <- function(folder) {
  file <- file.path(folder, "participants.csv")
  if (!file.exists(file)) return(character())
  columns <- names(read_cells(file))
  column <- tail(grep("^(link_)*excluded$", columns, value = TRUE), 1)
  if (length(column) == 0 || !"session" %in% columns) return(character())
  people <- read_table(file, flags = column)
  people$session[people[[column]]]
}

# Whether systems chose what the pages show, by the export's description.
is_pooled <- function(folder) {
  file <- file.path(folder, "datapackage.json")
  file.exists(file) && any(grepl('"candidate_pools"', readLines(file, warn = FALSE), fixed = TRUE, useBytes = TRUE))
}

load_export <- function(folder) {
  ratings <- read_table(file.path(folder, "ratings.csv"), c("participant", "query", "candidate", "rating"), flag_columns)
  if (!is.null(ratings$session)) ratings <- ratings[!ratings$session %in% excluded_sessions(folder), ]
  rankings <- read_table(file.path(folder, "rankings.csv"), c("query", "system", "rank", "candidate"))
  for (name in setdiff(flag_columns, names(ratings))) ratings[[name]] <- rep(FALSE, nrow(ratings))
  for (name in c("condition", "session", "trial")) {
    if (is.null(ratings[[name]])) ratings[[name]] <- rep("", nrow(ratings))
    ratings[[name]][is.na(ratings[[name]])] <- ""
  }
  if (is.null(rankings$condition)) rankings$condition <- rep("", nrow(rankings))
  rankings$condition[is.na(rankings$condition)] <- ""
  list(ratings = ratings, rankings = rankings)
}

# The blocks that the table names, in the order of its rows.
block_names <- function(ratings) unique(ratings$block_name[!is.na(ratings$block_name)])

# The ratings of one block. It must be named if there are several.
of_block <- function(ratings, block = "") {
  known <- block_names(ratings)
  told <- paste(known, collapse = ", ")
  if (block == "" && length(known) > 1) {
    fail("the ratings are from ", length(known), " blocks, which are never combined. Name one: ", told)
  }
  if (block == "") return(ratings)
  if (!block %in% known) fail("there are no ratings from a block '", block, "'. The blocks are: ", told)
  ratings[ratings$block_name %in% block, ]
}

main_pages <- function(ratings) {
  left_out <- with(ratings, is_reference | is_anchor | is_catch | is_repeat | is_training | is.na(rating))
  ratings[!left_out, ]
}

individual_agreement <- function(both) {
  # Pages are numbered, since names may contain any separator.
  page <- do.call(paste, lapply(both[c("condition", "system", "participant", "session", "trial", "query")],
    function(names) match(names, unique(names))))
  pages <- split(seq_len(nrow(both)), match(page, unique(page)))
  rho <- vapply(pages, function(rows) {
    rating <- both$rating[rows]
    rank <- both$rank[rows]
    usable <- length(rows) >= minimum && length(unique(rating)) > 1 && length(unique(rank)) > 1
    if (usable) cor(rating, -rank, method = "spearman") else NA_real_
  }, 0)
  first <- vapply(pages, function(rows) rows[1], 0L)
  table <- data.frame(condition = both$condition[first], system = both$system[first], rho = rho)[!is.na(rho), ]
  if (nrow(table) == 0) fail("no page has ", minimum, " candidates that a system ranks")
  all <- transform(table, condition = "all")
  if (length(unique(table$condition)) > 1) all <- rbind(all, table)
  aggregate(rho ~ condition + system, all, function(x) c(mean = mean(x), pages = length(x)))
}

# The model of table `mixed_models`, condition `all`, model `linear`: distances, or ranks if some have no distance,
# standardised over the system's ratings. A query under another condition is another query. Queries have random slopes
# if these lower the AIC, by REML.
#
# Each is fitted by three of lme4's optimisers, since its default one may stop short; the highest likelihood counts.
slope_model <- function(rows) {
  distances <- if (is.null(rows$distance)) rep(NA, nrow(rows)) else rows$distance
  rows$distance <- as.numeric(scale(if (anyNA(distances)) rows$rank else distances))
  rows$query <- paste(rows$query, rows$condition)
  fit <- function(formula) {
    fits <- lapply(c("nloptwrap", "bobyqa", "Nelder_Mead"), function(optimizer) {
      suppressWarnings(lme4::lmer(formula, data = rows, control = lme4::lmerControl(optimizer)))
    })
    fits[[which.max(vapply(fits, logLik, 0))]]
  }
  sloped <- fit(rating ~ distance + (1 + distance | participant) + (1 + distance | query))
  parallel <- fit(rating ~ distance + (1 + distance | participant) + (1 | query))
  if (AIC(sloped) < AIC(parallel)) sloped else parallel
}

figures <- function(ratings, rankings) {
  both <- merge(main_pages(ratings), rankings, by = c("query", "condition", "candidate"))
  print(individual_agreement(both), digits = 6)
  if (!requireNamespace("lme4", quietly = TRUE)) return(invisible())
  for (system in unique(both$system)) {
    model <- slope_model(both[both$system == system, ])
    cat("\n", system, ": ", deparse1(formula(model)), ", REML ", format(as.numeric(logLik(model)), nsmall = 4, digits = 12), "\n",
      sep = "")
    print(coef(summary(model)), digits = 8)
  }
}

main <- function(arguments) {
  if (!length(arguments) %in% 1:2) fail("usage: Rscript read.R FOLDER [BLOCK]")
  export <- load_export(arguments[1])
  Encoding(arguments) <- "UTF-8"
  blocks <- if (length(arguments) == 2) clean(arguments[2]) else block_names(export$ratings)
  for (block in if (length(blocks) > 1 || length(arguments) == 2) blocks else "") {
    if (block != "") cat("\nBlock ", block, ":\n", sep = "")
    figures(of_block(export$ratings, block), export$rankings)
  }
  if (is_pooled(arguments[1])) {
    message("\nSystems chose what the pages show: the agreement is the column 'raw' in pooling.csv, which favours them.")
  }
}

# Only if it is run, not if `source` reads it.
if (sys.nframe() == 0) main(commandArgs(trailingOnly = TRUE))
