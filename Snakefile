# Cutline: from raw clinical records to a manuscript, at any data cut-off.
#
#   snakemake --cores 4                                        rebuild everything
#   snakemake --cores 4 --config study=gbsg2                   another study
#   snakemake --cores 4 --config data_cutoff=2025-12-31        another data cut-off, beside the old one
#
# The study is config/studies/<study>/study.yaml; results go to results/<study>/<cut>/.

from snakemake.utils import min_version

min_version("9.27")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/extract.smk"  # source → snapshot → accepted and quarantined records
include: "workflow/rules/derive.smk"  # covariates, cohort with attrition, endpoints, response, safety
include: "workflow/rules/analyse.smk"  # analysis results data: here the patient level ends
include: "workflow/rules/present.smk"  # released results → tables, figures, report
include: "workflow/rules/export.smk"  # the included persons for R, SPSS and SAS, at patient level
include: "workflow/rules/compare.smk"  # this cut and the one before it → what changed, and why


rule all:
    default_target: True
    input:
        changes_files().values(),
        exports().values(),
        lost_outputs(),
        **analysed(),  # named here too, so that no part waits for another's checkpoints
        **shown_files(),
    message:
        "{STUDY[short_title]}: results at the cut-off {CUT_NAME} are in {CUT}"


onstart:
    prepare_folders()


onsuccess:
    tell_what_was_set_aside()
    close_the_run("finished")
    print(f"Done. Open {CUT}/report/manuscript.html")


onerror:
    close_the_run("failed")
    stop_with_the_error_of_the_job()
