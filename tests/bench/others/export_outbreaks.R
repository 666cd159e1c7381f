# Writes the labelled weekly counts of the R package surveillance as CSV files: time, a column for each region, label.
# Series of one region also get what two detectors of that package say of each week: the count by the upper bound of
# EARS C1 and of Bayes 1, with the package's default settings.
# Usage: Rscript export_outbreaks.R FOLDER
suppressMessages(library(surveillance))
folder <- commandArgs(trailingOnly = TRUE)[1]

monday <- function(year, week) as.Date(ISOdate(year, 1, 4)) + 7 * (week - 1)

by_bound <- function(counts, bound) counts / pmax(bound, 1)

write_series <- function(name) {
  data(list = name, package = "surveillance", envir = environment())
  series <- get(name)
  counts <- as.matrix(series$observed)
  state <- as.matrix(series$state)
  label <- as.integer(rowSums(state) > 0)
  columns <- data.frame(time = format(monday(series$start[1], series$start[2]) + 7 * (seq_len(nrow(counts)) - 1)))
  for (i in seq_len(ncol(counts))) columns[[paste0("value", i)]] <- counts[, i]
  if (ncol(counts) == 1) {
    weeks <- nrow(counts)
    ears <- earsC(disProg2sts(series), control = list(method = "C1", range = 8:weeks))
    bayes <- algo.bayes1(series, control = list(range = 7:weeks))
    columns$ears <- c(rep(0, 7), by_bound(counts[8:weeks, 1], upperbound(ears)[, 1]))
    columns$bayes <- c(rep(0, 6), by_bound(counts[7:weeks, 1], bayes$upperbound))
  }
  columns$label <- label
  write.csv(columns, file.path(folder, paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
}

for (name in c("k1", "m1", "m2", "m3", "m4", "m5", "n1", "n2", "q1_nrwh", "q2", "s1", "s2", "s3", "h1_nrwrp", "ha")) {
  write_series(name)
}
