"""What lifelines, scikit-survival and pycox say beyond the peers' survival.py, for the tests in this folder.

    python more.py FILE.csv > NAME.more.json

Written with lifelines 0.30.3, scikit-survival 0.28.0 and pycox 0.3.0. Rows are prepared as in survival.py: complete
cases with a positive time, covariates with mean 0 and standard deviation 1.
"""
import importlib.util
import json
import os
import sys
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
from lifelines import CoxPHFitter, KaplanMeierFitter, NelsonAalenFitter, WeibullAFTFitter
from lifelines.statistics import multivariate_logrank_test, proportional_hazard_test
from lifelines.utils import median_survival_times
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.metrics import concordance_index_ipcw, cumulative_dynamic_auc
from sksurv.util import Surv

GROUPS = {"whas": "sex", "pbc": "stage", "nwtco": "stage", "std": "race", "flchain": "sex",
          **{"sim_treatment_" + part: "treatment" for part in ["train", "valid", "test"]}}

path = sys.argv[1]
name = os.path.basename(path)[:-4]
table = pd.read_csv(path, float_precision="round_trip").dropna()
table = table[table.time > 0].drop(columns=["true_log_hazard"], errors="ignore").reset_index(drop=True)
raw = table.drop(columns=["time", "event"]).astype(float)
x = (raw - raw.mean()) / raw.std(ddof=0)
y = Surv.from_arrays(table.event.astype(bool), table.time)
frame = x.assign(time=table.time.values, event=table.event.values)
group = GROUPS[name]
out = {"group": group}

fitted = CoxPHSurvivalAnalysis(ties="breslow", tol=1e-14).fit(x.values, y)
out["breslow"] = fitted.coef_.tolist()
out["ridge_10"] = CoxPHSurvivalAnalysis(alpha=10.0, ties="efron", tol=1e-14).fit(x.values, y).coef_.tolist()

precise = {"precision": 1e-12}
strata = frame.assign(**{group: table[group]})
cox = CoxPHFitter().fit(strata, "time", "event", strata=[group], fit_options=precise)
out["strata"] = {"coefficients": cox.params_.tolist(), "standard_errors": cox.standard_errors_.tolist(),
                 "columns": list(cox.params_.index), "log_likelihood": cox.log_likelihood_}
cox = CoxPHFitter().fit(frame, "time", "event", fit_options=precise)
for transform in ["rank", "km", "identity", "log"]:
    test = proportional_hazard_test(cox, frame, time_transform=transform)
    out["proportionality_" + transform] = np.asarray(test.test_statistic).tolist()
robust = CoxPHFitter().fit(frame, "time", "event", robust=True, fit_options=precise)
out["robust"] = robust.standard_errors_.tolist()
late = frame.assign(entry=table.time * ((np.arange(len(table)) % 4) / 5.0))
if len(table) < 5000:
    cox = CoxPHFitter().fit(late, "time", "event", entry_col="entry", fit_options=precise)
    out["late"] = {"coefficients": cox.params_.tolist(), "standard_errors": cox.standard_errors_.tolist()}
    km = KaplanMeierFitter().fit(late.time, late.event, entry=late.entry)
    out["late"]["survival_at_quartiles"] = km.predict(np.quantile(table.time, [0.25, 0.5, 0.75])).tolist()

for weightings in [None, "wilcoxon", "tarone-ware", "peto", "fleming-harrington"]:
    more = {"p": 1, "q": 0.5} if weightings == "fleming-harrington" else {}
    test = multivariate_logrank_test(table.time, table[group], table.event, weightings=weightings, **more)
    out["logrank" if weightings is None else weightings] = [test.test_statistic, test.p_value]

grid = np.quantile(table.time[table.event == 1], np.linspace(0.1, 0.9, 20))
grid = np.unique(grid[grid < table.time.max()])
out["times"] = grid.tolist()
km = KaplanMeierFitter().fit(table.time, table.event)
at = lambda frame: frame.iloc[np.searchsorted(frame.index, grid, side="right") - 1]
band = at(km.confidence_interval_)
out["kaplan_meier"] = {"lower": band.iloc[:, 0].tolist(), "upper": band.iloc[:, 1].tolist(),
                       "restricted_mean": float(np.sum(np.diff(np.r_[0, km.survival_function_.index.values[1:]])
                                                       * km.survival_function_.iloc[:-1, 0].values))}
interval = median_survival_times(km.confidence_interval_)
out["kaplan_meier"]["median_interval"] = [None if not np.isfinite(v) else float(v) for v in interval.iloc[0]]
na = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(table.time, table.event)
out["nelson_aalen"] = at(na.cumulative_hazard_).iloc[:, 0].tolist()

fitted = CoxPHSurvivalAnalysis(ties="efron", tol=1e-14).fit(x.values, y)
risk = fitted.predict(x.values)
auc, mean = cumulative_dynamic_auc(y, y, risk, grid)
out["auc"] = {"areas": auc.tolist(), "mean": float(mean)}
out["uno_to_median"] = concordance_index_ipcw(y, y, risk, tau=float(grid[len(grid) // 2]))[0]
steps = fitted.predict_survival_function(x.values)
curves = pd.DataFrame(np.stack([s.y for s in steps], 1), index=steps[0].x)
# pycox's own file, without the rest of the package, which needs PyTorch.
folder = importlib.util.find_spec("sksurv").submodule_search_locations[0] + "/../pycox/evaluation/concordance.py"
spec = importlib.util.spec_from_file_location("concordance", folder)
concordance = importlib.util.module_from_spec(spec)
spec.loader.exec_module(concordance)
place = np.searchsorted(curves.index.values, table.time.values, side="right") - 1
out["antolini"] = float(concordance.concordance_td(table.time.values, table.event.values.astype(int), curves.values,
                                                   place, "antolini"))

aft = WeibullAFTFitter().fit(frame, "time", "event")
out["weibull_aft"] = {"coefficients": aft.params_["lambda_"].drop("Intercept").tolist(),
                      "columns": list(aft.params_["lambda_"].drop("Intercept").index),
                      "intercept": aft.params_["lambda_"]["Intercept"], "log_shape": aft.params_["rho_"]["Intercept"],
                      "standard_errors": aft.standard_errors_["lambda_"].drop("Intercept").tolist(),
                      "log_likelihood": aft.log_likelihood_}
print(json.dumps(out))
