/// What a participant does in a session, one after the other; each is answered once.
public struct Step: Sendable, Hashable {
  /// Its name in addresses, in what is sent, and in the database.
  public enum Kind: String, Sendable, CaseIterable, Codable {
    case questionnaire, volume, headphones, instructions, trial
    case pause = "break"
  }

  public var kind: Kind
  /// A trial's index in the plan, from 1. Of what belongs to a block, the block's place in the study, from 1; 0 for what
  /// comes before all blocks, and one more than there are blocks for what comes behind them. Breaks within a block count on
  /// by as many as there are blocks, so that each has a number of its own. Of the headphone check, the attempts before.
  public var number: Int

  public init(_ kind: Kind, number: Int = 0) {
    self.kind = kind
    self.number = number
  }

  public static let questionnaire = Step(.questionnaire)
  public static let volume = Step(.volume)
  public static let headphones = Step(.headphones)
  public static let instructions = Step(.instructions)
  /// By its index in the plan, from 1.
  public static func trial(_ index: Int) -> Step { Step(.trial, number: index) }

  /// By its name and number; nil where there is no such step.
  public init?(name: String, number: Int) {
    guard let kind = Kind(rawValue: name) else { return nil }
    self.init(kind, number: number)
  }
}

extension StudyDesign {
  /// All that a participant does, in its order: the one place that knows it.
  public func steps(of trials: [Trial]) -> [Step] {
    var steps: [Step] = []
    if !definition.questionnaire.isEmpty { steps.append(.questionnaire) }
    steps.append(.volume)
    if definition.headphones.check {
      steps += (0..<definition.headphones.attempts).map { Step(.headphones, number: $0) }
    }
    steps.append(.instructions)
    /// Of each block: trials that count, breaks so far, and seconds expected since the last.
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

  /// The block that a break belongs to.
  public func block(ofBreak step: Step) -> StudyDefinition.Block {
    definition.runs[max(0, step.number - 1) % definition.runs.count]
  }

  /// Whether any session has a break.
  public var hasBreaks: Bool {
    definition.runs.contains { !$0.pause.isEmpty || $0.pauseEvery > 0 || $0.pauseMinutes > 0 }
  }

  /// What a questionnaire of a session asks.
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

  /// What a session is expected to take, in minutes, in the group that it takes longest.
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
