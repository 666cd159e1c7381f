#include "app/commands.h"

#include "app/alerts_command.h"
#include "app/backtest_command.h"
#include "app/completion_command.h"
#include "app/config_command.h"
#include "app/demo_command.h"
#include "app/detect_command.h"
#include "app/doctor_command.h"
#include "app/evaluate_command.h"
#include "app/gen_command.h"
#include "app/reference_command.h"
#include "app/rollout_command.h"
#include "app/run_command.h"
#include "app/sinks_command.h"
#include "app/tap_command.h"
#include "app/test_command.h"
#include "app/testset_command.h"
#include "app/validate_command.h"
#include "app/version_command.h"

namespace tidewatch {

void register_commands(CLI::App& root, Chosen& chosen) {
  register_run(root, chosen);
  register_backtest(root, chosen);
  register_detect(root, chosen);
  register_demo(root, chosen);
  register_gen(root, chosen);
  register_evaluate(root, chosen);
  register_testset(root, chosen);
  register_reference(root, chosen);
  register_validate(root, chosen);
  register_test(root, chosen);
  register_config(root, chosen);
  register_doctor(root, chosen);
  register_tap(root, chosen);
  register_alerts(root, chosen);
  register_rollout(root, chosen);
  register_sinks(root, chosen);
  register_version(root, chosen);
  register_completion(root, chosen);
}

}  // namespace tidewatch
