import Basics
import Foundation
import HTTP
import Interface
import Records
import Study

/// The addresses that a participant's browser uses.
struct ParticipantRoutes: Sendable {
  let programme: Programme
  let records: Records
  let doorkeeper: Doorkeeper
  let check: HeadphoneCheck
  let parcels: Parcels
  let pages: Folder
  let page: PublicPage
  let rate = AddressRate()
  /// The rate of codes that open nothing.
  let wrongCodes = AddressRate()
  private static let wrongCodesPerMinute = 10

  private var stage: Stage { programme.now }

  /// The page that shows each of the participant's steps.
  func shell(_ request: Request) throws -> Answer {
    var response = try page.response(to: request, look: stage.design.look)
    let (frames, sounds) = (stage.definition.joining.frames, stage.depot?.origin)
    if !frames.isEmpty || sounds != nil {
      response.headers.append(Header(PageHeaders.policyName, PageHeaders.policy(frames: frames, sounds: sounds)))
      if frames.isEmpty { response.headers.append(PageHeaders.noFrames) }
    }
    return .now(response)
  }

  func asset(_ request: Request) throws -> Answer {
    .now(try pages.file(request.parameter("path").split(separator: "/").map(String.init), for: request))
  }

  /// A file of the study's own look, below its edition. A picture that is opened on its own may run nothing.
  func look(_ request: Request) throws -> Answer {
    let path = request.parameter("path").split(separator: "/").map(String.init)
    guard path.count == 2, let look = stage.design.look, look.edition == path[0], let file = look.files[path[1]] else {
      throw Refusal.notFound
    }
    var response = try Response.made(
      size: file.data.count, for: request, type: file.type, etag: look.edition,
      cache: "public, max-age=31536000, immutable"
    ) { file.data[file.data.startIndex + $0.lowerBound..<file.data.startIndex + $0.upperBound] }
    response.headers.append(
      Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"))
    return .now(response)
  }

  /// The service worker, which keeps the pages for a reload without the network. It is at the root, since it may serve only
  /// what is below it.
  func worker(_ request: Request) throws -> Answer { .now(try pages.file(["service-worker.js"], for: request)) }

  func study(_ request: Request) throws -> Answer {
    let stage = stage
    let closed = try stage.closed(records)
    return .now(.json(StudyView(stage, closed: closed, message: closed == nil ? nil : try records.message())))
  }

  /// What somebody is told who has no session and gets none. Only those to whom it applies are told.
  func leave(_ request: Request) throws -> Answer {
    let (body, stage) = (try Intake.decode(LeaveBody.self, request), stage)
    let invitation = Invitation(
      (body.parameters ?? []).filter { !$0.isEmpty }.map { (name: $0[0], value: $0.count > 1 ? $0[1] : "") },
      stage.definition.joining, groups: stage.definition.groups)
    switch body.outcome {
    case .noConsent: break
    case .quotaFull:
      let isFull = try stage.closed(records)?.why == .full
      guard try isFull || invitation.group.map({ try stage.areFull([$0], records) }) == true else {
        throw Refusal.notSo
      }
    case .completed, .screenedOut, .withdrawn, .studyChanged: throw Refusal.notSo
    }
    var known = invitation.kept
    known["external_id"] = invitation.externalID ?? ""
    return .now(.json(FinishView(body.outcome, filling: known, language: body.language, stage)))
  }

  /// The listener stops. The answers are kept or deleted, as the study or the listener wishes.
  func withdraw(_ request: Request) throws -> Answer {
    let (sitting, stage) = (try doorkeeper.sitting(request), stage)
    let body = try Intake.decode(WithdrawBody.self, request)
    guard stage.previewed == nil else { throw Refusal.notSo }
    let deletes =
      switch stage.definition.leaving.withdrawnAnswers {
      case .kept: false
      case .deleted: true
      case .asked: body.delete == true
      }
    return .later { finish in
      records.withdraw(session: sitting.session.id, deleting: deletes) { result in
        finish(
          result.map {
            .json(FinishView($0.isFinished ? .completed : $0.outcome ?? .withdrawn, sitting.session, stage))
          })
      }
    }
  }

  /// Lets a listener in: a newcomer, or one who continues. `docs/records.md` says what an external id opens.
  func join(_ request: Request) throws -> Answer {
    let stage = stage
    let body = try Intake.decode(JoinBody.self, request)
    let key = try Intake.key(body.key)
    guard body.consent else { throw Refusal.consentRequired }
    guard stage.definition.languages.contains(body.language) else {
      throw Refusal.invalid(
        "The study is not available in that language.",
        mend: "Its languages are \(stage.definition.languages.joined(separator: ", ")).")
    }
    let (joining, isPreview) = (stage.definition.joining, stage.previewed != nil)
    let token = doorkeeper.token(forKey: key)
    var invitation = body.invitation(stage.definition)
    if joining.byInvitation, !isPreview {
      guard let number = invitation.invite.flatMap(doorkeeper.invited) else { throw Refusal.notInvited }
      invitation.belongs(to: number)
    }
    if joining.needsID, invitation.identity == nil, !isPreview { throw Refusal.needsID }
    if !isPreview, let seconds = rate.wait(for: request.peer, perMinute: joining.perMinute) {
      throw Refusal.tooFast(seconds)
    }
    let newcomer = Newcomer(
      keyHash: ContentHash.of(key), tokenHash: ContentHash.of(token), studyVersion: stage.design.version,
      textsVersion: stage.design.textsVersion, seed: stage.definition.trials.seed, language: body.language,
      recruitedFrom: invitation.recruitedFrom,
      externalID: invitation.externalID, identity: invitation.identity, link: invitation.kept,
      linkNotes: invitation.notes, groups: invitation.group.map { [$0] } ?? stage.definition.groups,
      perGroup: stage.definition.joining.perGroup, userAgentFamily: UserAgent.family(request.header("user-agent") ?? "")
    )
    return .later { finish in
      records.join(
        newcomer, repeats: joining.repeats && !joining.byInvitation,
        isOpen: isPreview || joining.closed(at: records.now()) == nil,
        places: stage.places
      ) { result in
        finish(result.map { .json(JoinedView(token: token), status: $0.isNew ? 201 : 200) })
      }
    }
  }

  /// Opens a session that was begun on another device. A right code always works.
  func comeBack(_ request: Request) throws -> Answer {
    let body = try Intake.decode(ReturnBody.self, request)
    let key = try Intake.key(body.key)
    guard let session = doorkeeper.session(ofReturnCode: try Intake.text(body.code, "code", atMost: 100)) else {
      if let seconds = wrongCodes.wait(for: request.peer, perMinute: ParticipantRoutes.wrongCodesPerMinute) {
        throw Refusal.tooManyTries(seconds)
      }
      throw Refusal.unknownCode
    }
    let token = doorkeeper.token(forKey: key)
    return .later { finish in
      records.reopen(session: session, keyHash: ContentHash.of(key), tokenHash: ContentHash.of(token)) { result in
        finish(
          result.map { .json(JoinedView(token: token), status: 200) }
            .mapError { $0 as? RecordsError == .gone ? Refusal.unknownCode : $0 })
      }
    }
  }

  /// For a session of another design, says how it ended; this is recorded at that time.
  func session(_ request: Request) throws -> Answer {
    let sitting: Sitting
    do { sitting = try doorkeeper.sitting(request) } catch let refusal as Refusal where refusal == .studyChanged {
      let (session, stage) = (try doorkeeper.session(request.parameter("token")), stage)
      let elapsedMs = try records.elapsedMs(session: session.id)
      return .later { finish in
        records.end(session: session.id, as: .studyChanged) { result in
          finish(result.map { .json(SessionView(session, stage, $0, elapsedMs: elapsedMs)) })
        }
      }
    }
    let id = sitting.session.id
    return .now(
      .json(
        SessionView(
          sitting, stage, try records.standing(session: id), elapsedMs: try records.elapsedMs(session: id))))
  }

  func respond(_ request: Request) throws -> Answer {
    let (sitting, stage) = (try doorkeeper.sitting(request), stage)
    let (body, answer) = try ResponseBody.read(request, of: sitting)
    let answered = try body.checked(answer, for: sitting, stage: stage, check: check)
    let place = sitting.steps.firstIndex(of: answered.step)
    var before = stage.previewed == nil ? place.flatMap { $0 > 0 ? sitting.steps[$0 - 1] : nil } : nil
    let isCheck = answered.step.kind == .headphones
    if stage.definition.headphones.required || isCheck || before?.kind == .headphones {
      let standing = try records.standing(session: sitting.session.id)
      if !isCheck, standing.isScreenedOut(stage) { throw Refusal.screenedOut }
      if standing.headphonesPassed == true, before?.kind == .headphones {
        // Further attempts are passed over, and none can spoil what was passed.
        if isCheck, !standing.done.contains(answered.step) { throw Refusal.alreadyAnswered }
        before = .headphones
      }
    }
    let right = answered.content.isRight(stage)
    var ends: Outcome?
    if case .headphones(_, _, passed: false) = answered.content, stage.definition.headphones.required,
      answered.step.number == stage.definition.headphones.attempts - 1, stage.previewed == nil
    {
      ends = .screenedOut
    }
    return .later { [ends, before] finish in
      records.save(
        answered, after: before, finishes: stage.previewed != nil && place == sitting.steps.count - 1,
        steps: sitting.steps, ends: ends, flags: stage.definition.flags
      ) { result in
        finish(
          result.map { standing, isNew in
            .json(status: isNew ? 201 : 200) {
              SavedView(
                passed: isCheck ? standing.headphonesPassed : nil, right: right,
                done: DoneView(standing, sitting), finish: FinishView(sitting, stage, standing))
            }
          })
      }
    }
  }

  func events(_ request: Request) throws -> Answer {
    let sitting = try doorkeeper.sitting(request)
    let body = try Intake.decode(EventsBody.self, request)
    let events = try body.checked(for: sitting)
    let key = try Intake.key(body.key)
    return .later { finish in
      records.log(events, session: sitting.session.id, key: key) { result in
        finish(result.map { .json(KeptView(), status: $0 ? 201 : 200) })
      }
    }
  }

  /// Keeps what was refused, even if the study has a different design by now. A step that the session does not have cannot be
  /// skipped, but what was said about it is kept nevertheless.
  func refused(_ request: Request) throws -> Answer {
    let session = try doorkeeper.session(request.parameter("token"))
    let refused = try Intake.decode(RefusedBody.self, request).checked(for: session)
    let (sitting, stage) = (doorkeeper.isOn(session) ? try doorkeeper.sitting(request) : nil, stage)
    return .later { finish in
      records.keep(refused, steps: sitting?.steps ?? [], flags: stage.definition.flags) { result in
        finish(
          result.map { standing, isNew in
            let status = isNew ? 201 : 200
            guard let sitting else { return .json(KeptView(), status: status) }
            return .json(
              SavedView(done: DoneView(standing, sitting), finish: FinishView(sitting, stage, standing)), status: status
            )
          })
      }
    }
  }

  // MARK: Sounds

  func trialSounds(_ request: Request) throws -> Answer {
    let sitting = try doorkeeper.sitting(request)
    guard let trial = Int(request.parameter("trial")), let planned = try? sitting.trial(trial) else {
      throw Refusal.notFound
    }
    return .now(try parcels.trial(planned, sitting, request))
  }

  func headphones(_ request: Request) throws -> Answer {
    let sitting = try doorkeeper.sitting(request)
    guard stage.definition.headphones.check, let round = Int(request.parameter("round")),
      (1...stage.definition.headphones.rounds).contains(round)
    else { throw Refusal.notFound }
    return .now(try parcels.headphones(round, sitting, request))
  }
}

/// The browser's family, which is all that an analysis needs; `simulation` for `earshot simulate`.
enum UserAgent {
  static func family(_ header: String) -> String {
    if header.hasPrefix("earshot-simulation") { return "simulation" }
    for (mark, family) in [
      ("Edg", "edge"), ("OPR/", "opera"), ("Firefox/", "firefox"), ("FxiOS/", "firefox"), ("CriOS/", "chrome"),
      ("Chrome/", "chrome"), ("Safari/", "safari"),
    ] where header.contains(mark) { return family }
    return header.isEmpty ? "" : "other"
  }
}
