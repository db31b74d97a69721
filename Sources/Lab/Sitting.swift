import HTTP
import Records
import Study

/// A session with its plan and its steps, which are computed once and kept.
final class Sitting: Sendable {
  let session: Session
  let token: String
  let plan: Plan
  /// The code that opens the session on another device.
  let code: String
  let steps: [Step]
  /// The block of each trial, by its place in the plan: 0 is training, the main blocks count from 1.
  let blocks: [Int]
  /// Where trials' parcels are in the depot, by the index of the trial.
  let copies: [Int: Depot.Copy]
  /// Its size in memory, roughly estimated from the number of trials and candidates.
  let bytes: Int

  init(session: Session, token: String, code: String, stage: Stage) {
    self.session = session
    self.code = code
    self.token = token
    plan = stage.plan(session.place, group: session.group, session.seed)
    steps = stage.design.steps(of: plan.trials)
    copies = stage.depot?.copies(of: plan, token: token, stage) ?? [:]
    var blocks: [Int] = []
    var block = 0
    var last: Trial?
    for trial in plan.trials {
      if trial.isTraining {
        blocks.append(0)
        continue
      }
      let isApart = stage.runs[trial.block].trials.order == .blocked
      if trial.block != last?.block || isApart && trial.condition != last?.condition { block += 1 }
      last = trial
      blocks.append(block)
    }
    self.blocks = blocks
    bytes = 4096 + plan.trials.reduce(0) { $0 + 400 + 100 * $1.candidates.count }
  }

  /// The place of each of a trial's sounds in its parcel.
  func places(of trial: Trial) -> [Int] {
    guard let copy = copies[trial.index] else { return Array(trial.sounds.indices) }
    return trial.sounds.indices.map { copy.order.firstIndex(of: $0) ?? $0 }
  }

  /// - Throws: a `Refusal` if there is no such trial.
  func trial(_ index: Int?) throws -> Trial {
    guard let trial = plan.trials.first(where: { $0.index == index }) else {
      throw Refusal.invalid("There is no such trial.", mend: "Trials count from 1 to \(plan.trials.count).")
    }
    return trial
  }
}
