/// A step of a session. A participant answers each step once, in order.
public struct Step: Sendable, Hashable {
  /// The kind of step: its name in URLs, messages and the database.
  public enum Kind: String, Sendable, CaseIterable, Codable {
    case questionnaire, volume, headphones, instructions, trial
    case pause = "break"
  }

  /// Together with `number`, it identifies the step.
  public var kind: Kind
  /// Distinguishes steps of the same kind. For a trial: its index in the plan, from 1. For steps of a block: the
  /// block's position in the study, from 1; 0 before all blocks, and the number of blocks plus one after them. For the
  /// k-th break within a block, k times the number of blocks is added, so that each has its own number. For the
  /// headphone check: the number of earlier attempts.
  public var number: Int

  public init(_ kind: Kind, number: Int = 0) {
    self.kind = kind
    self.number = number
  }

  /// The questions before all blocks.
  public static let questionnaire = Step(.questionnaire)
  /// Setting the volume. Every session has it.
  public static let volume = Step(.volume)
  /// The first attempt at the headphone check.
  public static let headphones = Step(.headphones)
  /// The study's instructions, before all blocks. Every session has them.
  public static let instructions = Step(.instructions)
  /// A trial, by its index in the plan, from 1.
  public static func trial(_ index: Int) -> Step { Step(.trial, number: index) }

  /// The step of this name and number. Nil if there is no such kind.
  public init?(name: String, number: Int) {
    guard let kind = Kind(rawValue: name) else { return nil }
    self.init(kind, number: number)
  }
}

extension StudyDesign {
  /// All steps of a session, in order. No other code knows this order.
  public func steps(of trials: [Trial]) -> [Step] {
    var steps: [Step] = []
    if !definition.questionnaire.isEmpty { steps.append(.questionnaire) }
    steps.append(.volume)
    if definition.headphones.check {
      steps += (0..<definition.headphones.attempts).map { Step(.headphones, number: $0) }
    }
    steps.append(.instructions)
    /// For each block: trials answered (training not counted), breaks so far, and seconds expected since the last
    /// break.
    var answered = [Int](repeating: 0, count: definition.runs.count)
    var breaks = answered, seconds = answered.map(Double.init)
    for (place, trial) in trials.enumerated() {
      let (block, run) = (trial.block, definition.runs[trial.block])
      if place == 0 || trials[place - 1].block != block {
        if !run.pause.isEmpty { steps.append(Step(.pause, number: block + 1)) }
        if !run.instructions.isEmpty { steps.append(Step(.instructions, number: block + 1)) }
      }
      steps.append(.trial(trial.index))
      if !trial.isTraining { answered[block] += 1 }
      seconds[block] += self.seconds(for: trial)
      let isLast = place == trials.count - 1 || trials[place + 1].block != block
      let isDue =
        run.pauseEvery > 0 && answered[block] % run.pauseEvery == 0
        || run.pauseMinutes > 0 && seconds[block] >= 60 * run.pauseMinutes
      if isDue, !isLast, !trial.isTraining {
        breaks[block] += 1
        seconds[block] = 0
        steps.append(Step(.pause, number: block + 1 + breaks[block] * definition.runs.count))
      }
      if isLast, !run.questionnaire.isEmpty {
        steps.append(Step(.questionnaire, number: block + 1))
      }
    }
    if !definition.closing.isEmpty { steps.append(Step(.questionnaire, number: definition.runs.count + 1)) }
    return steps
  }

  /// The block that contains a break.
  public func block(ofBreak step: Step) -> StudyDefinition.Block {
    definition.runs[max(0, step.number - 1) % definition.runs.count]
  }

  /// Whether sessions of the study can have breaks.
  public var hasBreaks: Bool {
    definition.runs.contains { !$0.pause.isEmpty || $0.pauseEvery > 0 || $0.pauseMinutes > 0 }
  }

  /// The questions of a questionnaire step.
  public func questions(of step: Step) -> [StudyDefinition.Question] {
    switch step.number {
    case 0: definition.questionnaire
    case 1...definition.runs.count: definition.runs[step.number - 1].questionnaire
    default: definition.closing
    }
  }

  /// How long a trial is expected to take, in seconds.
  public func seconds(for trial: Trial) -> Double {
    definition.runs[trial.block].trials.secondsPerCandidate * Double(trial.candidates.count)
  }

  /// The expected duration of a session, in minutes, in the group for which it is longest.
  public func expectedMinutes(participant: Int = 1) -> Double {
    groups.map { expectedTime(of: plan(participant: participant, group: $0).trials).minutes }.max() ?? 0
  }

  func expectedTime(of trials: [Trial]) -> ExpectedTime {
    var time = ExpectedTime()
    time.trials = trials.reduce(0) { $0 + seconds(for: $1) } / 60
    for step in steps(of: trials) {
      switch step.kind {
      case .questionnaire: time.questions += ExpectedTime.question * Double(questions(of: step).count)
      case .headphones where step.number == 0:
        time.headphones = ExpectedTime.headphoneRound * Double(definition.headphones.roundsEach)
      case .headphones, .volume, .instructions, .pause, .trial: break
      }
    }
    return time
  }
}
