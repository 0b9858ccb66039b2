/* {{title}}
   Data cut-off {{cutoff}}. {{synthetic}}

   Reads the transport files beside it and makes the numbers of the tables and figures of the report. Put their folder
   below, and run all; the text in the files is UTF-8, so SAS should run with that session encoding. Times are in months
   of {{days_per_month}} days; percentages are of all persons in the table, those with a missing value too.

   Generated from the settings of the study. SAS was not at hand: no program of this generator was ever run. Its tests
   check that every variable exists in the files, and that every step, macro and comment is closed. */

%let folder = .;

%macro read(name);
  libname source xport "&folder/&name..xpt";
  data work.&name; set source.&name; run;
  libname source clear;
%mend;

/* The persons of one endpoint, with their variables. */
%macro persons_of(code);
  proc sql;
    create table work.persons as
    select event.PARAMCD, event.AVAL, event.AVALM, event.CNSR, person.*
    from work.adtte as event, work.adsl as person
    where event.USUBJID = person.USUBJID and event.PARAMCD = "&code" and event.RULESET = 'main';
  quit;
%mend;

/* Median survival with the interval that SPSS prints: symmetric in time. The standard error of the median t is that of S(t)
   divided by the slope of the curve between u, the last event time with S >= 0.55, and l, the first with S <= 0.45. */
%macro spss_median(data, censored);
  ods output ProductLimitEstimates=work.steps;
  proc lifetest data=%unquote(&data); time AVALM*CNSR(&censored); run;
  data work.spss_median;
    set work.steps end=last;
    where Survival > . and Failed > 0;
    retain t s_t se_t u s_u l s_l;
    if Survival >= 0.55 - 1e-9 then do; u = AVALM; s_u = Survival; end;
    if Survival <= 0.50 + 1e-9 and t = . then do; t = AVALM; s_t = Survival; se_t = StdErr; end;
    if Survival <= 0.45 + 1e-9 and l = . then do; l = AVALM; s_l = Survival; end;
    if last then do;
      if s_t > 0 and u > . and l > . then error = se_t * (l - u) / (s_u - s_l);
      lower = t - {{spss_z}} * error;
      upper = t + {{spss_z}} * error;
      output;
    end;
    keep t lower upper;
  run;
  proc print data=work.spss_median; title2 'Median and its interval as SPSS'; run;
  title2;
%mend;

{{analyses}}
