import Basics
import Foundation
import Interface
import Records
import Study

// What a browser is told of a study and a session, in the types of `Interface`.

extension StudyView {
  init(_ stage: Stage, closed: (why: Closed, opens: Date?)?, message: String? = nil) {
    let definition = stage.definition
    let texts = Set(definition.languages).map { language in
      (
        language,
        Texts(
          title: stage.title(language), welcome: Markdown.html(stage.text(definition.texts.welcome, language)),
          consent: Markdown.html(stage.text(definition.consent.text, language)),
          agree: stage.text(definition.consent.agree, language), pages: stage.pageWords(language),
          logo: LogoView(stage, language))
      )
    }
    self.init(
      title: definition.title, languages: definition.languages, texts: Dictionary(uniqueKeysWithValues: texts),
      closed: closed?.why, opensAt: closed?.opens?.formatted(.iso8601), message: message,
      declines: definition.leaving.noConsent.isEmpty ? nil : true,
      takesCodes: stage.design.hasBreaks && stage.previewed == nil ? true : nil,
      needsLink: stage.definition.joining.needsLink && stage.previewed == nil ? true : nil,
      minutes: stage.outline.minutes, questions: stage.outline.questions, trials: stage.outline.trials,
      preview: stage.previewed)
  }
}

extension LogoView {
  /// nil if the study has none.
  init?(_ stage: Stage, _ language: String) {
    guard let look = stage.design.look, let logo = look.logo else { return nil }
    func address(_ name: String) -> String { "look/\(look.edition)/\(name)" }
    self.init(
      address: address(logo), dark: look.darkLogo.map(address),
      text: stage.text(stage.definition.look.logoText, language))
  }
}

extension SessionView {
  init(_ sitting: Sitting, _ stage: Stage, _ standing: Standing, elapsedMs: Int) {
    self.init(
      study: Study(sitting, stage), state: standing.state(stage), done: DoneView(standing, sitting),
      trials: sitting.plan.trials.map { TrialView($0, sitting, stage) },
      // Of what others are given nothing is told.
      blocks: stage.runs.map {
        BlockView($0.isGiven(to: sitting.session.group) ? $0 : StudyDefinition.Block(), sitting, stage)
      },
      parts: sitting.steps.map { PartView($0, sitting, stage) }, elapsedMs: elapsedMs,
      finish: FinishView(sitting, stage, standing), preview: stage.previewed)
  }
}

extension SessionView {
  /// For a session that cannot continue, since it began under another design: how it ended, and nothing about its contents.
  init(_ session: Session, _ stage: Stage, _ standing: Standing, elapsedMs: Int) {
    let trials = standing.done.filter { $0.kind == .trial }.map(\.number).sorted()
    self.init(
      study: Study(
        title: stage.title(session.language), language: session.language,
        headphones: .init(check: false, rounds: [], required: false), volume: .init(audio: ""),
        logo: LogoView(stage, session.language)),
      state: standing.isFinished ? .finished : .ended,
      done: DoneView(
        questionnaire: true, volume: true, headphones: true, instructions: true, trials: trials, further: []),
      trials: [], blocks: [], parts: [], elapsedMs: elapsedMs,
      finish: FinishView(standing.isFinished ? .completed : standing.outcome ?? .studyChanged, session, stage))
  }
}

extension Standing {
  func isScreenedOut(_ stage: Stage) -> Bool {
    let check = stage.definition.headphones
    return headphonesPassed == false && check.required && done.contains(Step(.headphones, number: check.attempts - 1))
  }

  func state(_ stage: Stage) -> SessionView.State {
    isFinished ? .finished : outcome == .withdrawn ? .ended : isScreenedOut(stage) ? .screenedOut : .active
  }
}

extension SessionView.Study {
  init(_ sitting: Sitting, _ stage: Stage) {
    let definition = stage.definition
    let language = sitting.session.language
    let check = definition.headphones
    self.init(
      title: stage.title(language), language: language, pages: stage.pageWords(language),
      headphones: Headphones(
        check: check.check, kind: check.kind == .antiphase ? nil : check.kind.rawValue,
        attempts: check.attempts > 1 ? check.attempts : nil, maxPlays: check.mostPlays > 0 ? check.mostPlays : nil,
        rounds: (0..<(check.check ? check.rounds : 0)).map {
          .init(
            index: $0 + 1, audio: "/t/\(sitting.token)/audio/headphones/\($0 + 1)#0",
            kind: check.tellsSides(round: $0 + 1) ? .sides : nil)
        },
        required: check.required),
      // The first trial's loop: all are equally loud, and it will be needed anyway.
      volume: Volume(
        audio:
          "/t/\(sitting.token)/audio/\(sitting.plan.trials.first?.index ?? 1)#\(sitting.plan.trials.first.flatMap { sitting.places(of: $0).first } ?? 0)"
      ),
      mayWithdraw: definition.leaving.withdrawn.isEmpty || stage.previewed != nil ? nil : true,
      withdrawnAnswers: definition.leaving.withdrawnAnswers == .kept
        ? nil : definition.leaving.withdrawnAnswers.rawValue,
      logo: LogoView(stage, language))
  }
}

extension QuestionView {
  init(_ question: StudyDefinition.Question, _ text: (StudyDefinition.Localized) -> String) {
    let isScale = question.kind == .scale
    self.init(
      id: question.id, kind: question.kind.rawValue, text: text(question.text), required: question.required,
      min: isScale ? Double(question.points.lowerBound) : question.minimum,
      max: isScale ? Double(question.points.upperBound) : question.maximum,
      earliest: question.earliest?.description, latest: question.latest?.description,
      low: question.low.isEmpty ? nil : text(question.low), high: question.high.isEmpty ? nil : text(question.high),
      shownIf: question.shownIf.isEmpty ? nil : question.shownIf,
      options: question.options.map {
        .init(value: $0.value, text: text($0.text), exclusive: $0.isExclusive ? true : nil)
      })
  }
}

extension BlockView {
  init(_ block: StudyDefinition.Block, _ sitting: Sitting, _ stage: Stage) {
    func text(_ localized: StudyDefinition.Localized) -> String { stage.text(localized, sitting.session.language) }
    let scale = block.scale
    self.init(
      name: block.name, question: text(block.question),
      scale: Scale(
        kind: scale.kind.rawValue, min: scale.minimum, max: scale.maximum, low: text(scale.low),
        high: text(scale.high), showValue: scale.showValue),
      isAligned: stage.source(of: block) == .renderings ? true : nil,
      isSet: stage.source(of: block) == .sounds ? true : nil,
      fromStart: stage.source(of: block) == .renderings && block.switching == .fromStart ? true : nil,
      scales: block.scales.isEmpty
        ? nil : block.scales.map { .init(name: $0.name, question: text($0.question), labels: $0.labels.map(text)) },
      allowsNeither: block.allowsNeither ? true : nil,
      maxPlays: block.mostPlays > 0 ? block.mostPlays : nil,
      givesFeedback: block.givesFeedback ? true : nil, takesComments: block.takesComments ? true : nil,
      whilePlaying: block.judgesWhilePlaying ? true : nil,
      mustHearMs: block.leastHearing.seconds > 0 ? Int((block.leastHearing.seconds * 1000).rounded()) : nil,
      mustHearShare: block.leastHearing.share > 0 ? block.leastHearing.share : nil,
      compareMs: block.trials.compareSeconds > 0 ? Int((block.trials.compareSeconds * 1000).rounded()) : nil)
  }
}

extension PartView {
  init(_ step: Step, _ sitting: Sitting, _ stage: Stage) {
    let (definition, language) = (stage.definition, sitting.session.language)
    func text(_ localized: StudyDefinition.Localized) -> String { stage.text(localized, language) }
    let isOfBlock = step.kind == .instructions && (1...stage.runs.count).contains(step.number)
    let block = isOfBlock ? stage.runs[step.number - 1] : nil
    self.init(step: step.kind.rawValue, number: step.number)
    switch step.kind {
    case .questionnaire: questions = stage.design.questions(of: step).map { .init($0, text) }
    case .instructions:
      // In a text that belongs to no trial, `{condition}` stands for all that are asked for there.
      let trials = sitting.plan.trials.filter { step.number == 0 || $0.block == step.number - 1 }
      let all = Set(trials.map(\.condition)).sorted().map { stage.conditionText($0, language) }
      let said = text(block?.instructions ?? definition.texts.instructions)
      html = Markdown.html(said.replacing("{condition}", with: all.joined(separator: " / ")))
    case .pause:
      let block = stage.design.block(ofBreak: step)
      html = Markdown.html(text(block.pause))
      leastS = block.pauseLeast > 0 && stage.previewed == nil ? block.pauseLeast : nil
      code = stage.previewed == nil ? sitting.code : nil
    case .volume, .headphones, .trial: break
    }
  }
}

extension TrialView {
  init(_ trial: Trial, _ sitting: Sitting, _ stage: Stage) {
    let audio = sitting.places(of: trial).map { "/t/\(sitting.token)/audio/\(trial.index)#\($0)" }
    self.init(
      index: trial.index, kind: trial.type, block: trial.block, training: trial.isTraining, condition: trial.condition,
      conditionText: stage.conditionText(trial.condition, sitting.session.language),
      query: trial.sound != nil ? audio[0] : nil,
      candidates: trial.candidates.indices.map {
        Candidate(position: Position.letter($0 + 1), audio: audio[$0 + (trial.sound != nil ? 1 : 0)])
      },
      seconds: stage.design.seconds(for: trial).rounded())
  }
}

extension DoneView {
  init(_ standing: Standing, _ sitting: Sitting) {
    /// A step that the study does not have counts as done.
    func isDone(_ step: Step) -> Bool { standing.done.contains(step) || !sitting.steps.contains(step) }
    // Behind one that was passed there is none.
    let attemptsLeft = sitting.steps.filter {
      $0.kind == .headphones && standing.headphonesPassed == true && !standing.done.contains($0)
    }
    self.init(
      questionnaire: isDone(.questionnaire), volume: isDone(.volume), headphones: isDone(.headphones),
      instructions: isDone(.instructions),
      trials: standing.done.filter { $0.kind == .trial }.map(\.number).sorted(),
      further: (standing.done + attemptsLeft).filter { $0.kind != .trial && $0.number > 0 }.map {
        StepView(step: $0.kind.rawValue, number: $0.number)
      })
  }
}

extension FinishView {
  /// What is given at the end: nil unless every step is answered and saved. No other view contains any of it. A preview, in
  /// which steps may be skipped, has it at once, and its redirect leads nowhere.
  init?(_ sitting: Sitting, _ stage: Stage, _ standing: Standing) {
    let isPreview = stage.previewed != nil
    if !standing.isFinished, standing.outcome == .withdrawn {
      self.init(.withdrawn, sitting.session, stage)
      return
    }
    if !isPreview, !standing.isFinished, standing.isScreenedOut(stage) {
      guard !stage.definition.wayOut(.screenedOut).isEmpty else { return nil }
      self.init(.screenedOut, sitting.session, stage)
      return
    }
    guard isPreview || sitting.steps.allSatisfy(standing.isBehind) else { return nil }
    self.init(.completed, sitting.session, stage)
    if isPreview { redirect = nil }
  }

  /// For a listener whose session ends this way.
  init(_ outcome: Outcome, _ session: Session, _ stage: Stage) {
    var known = session.link
    known["external_id"] = session.externalID ?? ""
    known["participant"] = String(session.participant)
    self.init(outcome, filling: known, language: session.language, stage)
  }

  /// - Parameter known: what is filled into the address.
  init(_ outcome: Outcome, filling known: [String: String], language: String, _ stage: Stage) {
    let way = stage.definition.wayOut(outcome)
    let unreserved = CharacterSet(charactersIn: "-._~").union(.alphanumerics).intersection(
      .init(charactersIn: " "..."~"))
    let filled = StudyDefinition.Finish.placeholders + stage.definition.joining.keep
    let redirect = way.redirect.map { redirect in
      filled.reduce(redirect) { text, name in
        let value = (known[name] ?? "").addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
        return text.replacing("{\(name)}", with: value)
      }
    }
    .map { stage.signature?.signed($0) ?? $0 }
    self.init(
      text: way.text.isEmpty ? "" : Markdown.html(stage.text(way.text, language)), redirect: redirect,
      code: way.code, outcome: outcome == .completed ? nil : outcome)
  }
}
