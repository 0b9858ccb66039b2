* Encoding: UTF-8.
* {{title}}.
* Data cut-off {{cutoff}}. {{synthetic}}
* Reads the SPSS files beside it and makes the numbers of the tables and figures of the report.
* Make this folder the working folder first (CD), then run all.
* Times are in months of {{days_per_month}} days.
* Generated from the settings of the study and not run when it was written.
* The tests of the generator ran its programs for two studies with GNU PSPP 1.6.2, except KM and COXREG, which PSPP lacks.
* Those follow the manual of SPSS; SPSS itself was not at hand.

{{analyses}}
