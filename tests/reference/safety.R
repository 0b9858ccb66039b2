# Adverse events by base R: exact Poisson intervals, Wilson's intervals by prop.test without continuity correction,
# Fisher's exact test. Writes safety.csv beside itself: Rscript tests/reference/safety.R
rows <- list()
put <- function(what, arguments, value) {
  rows[[length(rows) + 1]] <<- data.frame(what = what, arguments = paste(arguments, collapse = " "), value = sprintf("%.15g", value))
}
for (case in list(c(0, 12.5), c(1, 0.4), c(7, 46.562628), c(32, 33.453799), c(250, 1000))) {
  for (level in c(0.9, 0.95)) {
    limits <- poisson.test(case[1], case[2], conf.level = level)$conf.int
    put("poisson_lower", c(case, level), limits[1])
    put("poisson_upper", c(case, level), limits[2])
  }
}
for (case in list(c(0, 12), c(12, 12), c(3, 70), c(56, 70), c(485, 724))) {
  limits <- suppressWarnings(prop.test(case[1], case[2], correct = FALSE)$conf.int)
  put("wilson_lower", c(case, 0.95), limits[1])
  put("wilson_upper", c(case, 0.95), limits[2])
}
for (case in list(c(56, 70, 48, 80), c(0, 10, 0, 20), c(5, 56, 0, 29), c(9, 10, 3, 10), c(271, 482, 28, 238))) {
  table <- matrix(c(case[1], case[2] - case[1], case[3], case[4] - case[3]), 2)
  put("fisher", case, fisher.test(table)$p.value)
}
folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
write.csv(do.call(rbind, rows), file.path(folder, "safety.csv"), row.names = FALSE, quote = FALSE)
