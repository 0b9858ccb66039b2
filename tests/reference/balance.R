# Reference values, from base R, of Table 1 of German Breast Cancer Study Group trial 2 by hormonal therapy.
#
#   Rscript balance.R <gbsg2.csv> > balance.csv
#
# The argument is the file that ships inside the lifelines package (lifelines/datasets/gbsg2.csv). Prints one
# row per number: its key, its value with all digits, and the R call or formula that gave it. The standardised differences
# are written out from their definitions (Austin 2009; Yang and Dalton 2012).

gbsg2 <- read.csv(commandArgs(trailingOnly = TRUE)[1], stringsAsFactors = TRUE)

emit <- function(key, value, call) {
  cat(sprintf('%s,%s,"%s"\n', key, ifelse(is.na(value), "", sprintf("%.17g", value)), gsub('"', "'", call)), sep = "")
}

of_numbers <- function(x, by) {
  groups <- split(x, by)
  pairs <- combn(length(groups), 2)
  max(apply(pairs, 2, function(pair) {
    one <- groups[[pair[1]]]
    other <- groups[[pair[2]]]
    abs(mean(one) - mean(other)) / sqrt((var(one) + var(other)) / 2)
  }))
}

of_categories <- function(x, by) {
  shares <- prop.table(table(by, x), 1)
  pairs <- combn(nrow(shares), 2)
  max(apply(pairs, 2, function(pair) {
    one <- shares[pair[1], -1]
    other <- shares[pair[2], -1]
    covariance <- function(p) diag(p, length(p)) - p %*% t(p)
    gap <- one - other
    sqrt(drop(t(gap) %*% solve((covariance(one) + covariance(other)) / 2) %*% gap))
  }))
}

cat("key,value,call\n")
names <- c(age = "age", tumour_size = "tsize", positive_nodes = "pnodes", progesterone_receptor = "progrec",
           oestrogen_receptor = "estrec", menopausal_status = "menostat", tumour_grade = "tgrade",
           hormonal_therapy = "horTh")
numbers <- names[1:5]
groupings <- c(hormonal_therapy = "horTh", tumour_grade = "tgrade")

for (grouping in names(groupings)) {
  by <- gbsg2[[groupings[[grouping]]]]
  several <- nlevels(by) > 2
  for (name in setdiff(names(names), grouping)) {
    x <- gbsg2[[names[[name]]]]
    path <- paste("baseline", grouping, name, sep = ".")
    if (name %in% names(numbers)) {
      emit(paste0(path, ".smd"), of_numbers(x, by), "abs(mean(a) - mean(b)) / sqrt((var(a) + var(b)) / 2)")
      if (several) {
        emit(paste0(path, ".p"), kruskal.test(x, by)$p.value, "kruskal.test(x, by)$p.value")
      } else {
        emit(paste0(path, ".p"), wilcox.test(x ~ by, exact = FALSE, correct = TRUE)$p.value,
             "wilcox.test(x ~ by, exact = FALSE, correct = TRUE)$p.value")
        emit(paste0("welch/", path, ".p"), t.test(x ~ by)$p.value, "t.test(x ~ by)$p.value")
      }
    } else {
      emit(paste0(path, ".smd"), of_categories(x, by), "sqrt(t(gap) %*% solve((S1 + S2) / 2) %*% gap)")
      emit(paste0(path, ".p"), chisq.test(table(by, x), correct = FALSE)$p.value,
           "chisq.test(table(by, x), correct = FALSE)$p.value")
    }
  }
}

few <- matrix(c(3, 1, 1, 9), 2)
emit("fisher", fisher.test(few)$p.value, "fisher.test(matrix(c(3, 1, 1, 9), 2))$p.value")
more <- matrix(c(6, 1, 2, 5, 1, 4), 2)
emit("fisher_drawn", fisher.test(more)$p.value, "fisher.test(matrix(c(6, 1, 2, 5, 1, 4), 2))$p.value")
