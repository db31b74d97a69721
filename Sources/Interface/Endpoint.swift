import Trials

/// A type that is sent or received as JSON.
public typealias Message = Codable & Sendable

/// One URL of the HTTP interface: what may be sent there and what comes back. Both the server's routes and the OpenAPI
/// document are made from these.
public struct Endpoint: Sendable {
  /// The HTTP methods in use.
  public enum Method: String, Sendable { case get, post }

  /// The response on success.
  public enum Answer: Sendable {
    case json(any Message.Type)
    /// JSON that is not described further.
    case table
    case page
    case bytes
  }

  /// Where it is `get`, the server answers HEAD as well.
  public var method: Method
  /// The path. Plain parts match themselves; `:name` matches any single part, and `*name` at the end matches the whole
  /// rest.
  public var path: String
  /// What it is for, in one or two sentences: the summary in the OpenAPI document.
  public var summary: String
  /// The types that may be sent as JSON bodies.
  public var bodies: [any Message.Type]
  /// What comes back on success. A failure comes back as a `Refusal` of the room HTTP.
  public var answer: Answer

  init(
    _ method: Method, _ path: String, _ summary: String, bodies: [any Message.Type] = [], answer: Answer
  ) {
    self.method = method
    self.path = path
    self.summary = summary
    self.bodies = bodies
    self.answer = answer
  }
}

extension Endpoint {
  // Pages
  /// Where a listener's link leads, with its parameters in the query. The same file as `session`.
  public static let shell = Endpoint(.get, "/", "The participant's page: welcome and consent.", answer: .page)
  /// A session's own link. The page is sent whatever the token; `state` then says whether it opens anything.
  public static let session = Endpoint(.get, "/t/:token", "The participant's page in a session.", answer: .page)
  /// If `path` begins with the present edition of all files, the browser may keep the file for good.
  public static let asset = Endpoint(.get, "/assets/*path", "A file of the pages.", answer: .bytes)
  /// `path` is `EDITION/FILE`. 404 for an edition that is not the present one.
  public static let look = Endpoint(.get, "/look/*path", "A file of the study's own look.", answer: .bytes)
  /// At the root, since a service worker serves only what is below its own address.
  public static let worker = Endpoint(
    .get, "/service-worker.js", "The script that keeps the pages, so that they can be reloaded offline.", answer: .bytes
  )
  // Taking part
  /// Needs no session. Why newcomers are turned away at the moment is a part of it, not a refusal.
  public static let study = Endpoint(
    .get, "/api/study", "What a newcomer is told about the study.", answer: .json(StudyView.self))
  /// 201 for a newcomer, 200 for a session that continues. What an id opens: docs/records.md.
  public static let join = Endpoint(
    .post, "/api/sessions", "Admits a listener: a newcomer, or one who continues a session.", bodies: [JoinBody.self],
    answer: .json(JoinedView.self))
  /// 404 for a wrong code, and 429 after ten of them within a minute from one address.
  public static let comeBack = Endpoint(
    .post, "/api/return", "Opens a session on another device, by the code that its breaks show.",
    bodies: [ReturnBody.self], answer: .json(JoinedView.self))
  /// Stores nothing. 409 if the outcome is not true of the study: only `no_consent` always is.
  public static let leave = Endpoint(
    .post, "/api/leave", "What the study tells somebody who does not take part, or for whom there is no place.",
    bodies: [LeaveBody.self], answer: .json(FinishView.self))
  /// The answers are kept or deleted, as the study says or the listener asks. 409 in a preview.
  public static let withdraw = Endpoint(
    .post, "/api/sessions/:token/withdraw", "Ends the session before its last step, at the listener's request.",
    bodies: [WithdrawBody.self], answer: .json(FinishView.self))
  /// The first request after a change of the design also records that the session has ended.
  public static let state = Endpoint(
    .get, "/api/sessions/:token", "The session: what is still to do, and what has been done.",
    answer: .json(SessionView.self))
  /// An answer to a trial is a `ResponseBody` and its type's own keys, in one object (`TrialAnswerBody`).
  public static let respond = Endpoint(
    .post, "/api/sessions/:token/responses",
    "Saves the answer to a step: 201 once it is on the disk, 200 if the same key was saved before.",
    bodies: [ResponseBody.self] + TrialTypes.all.map { body(of: $0) }, answer: .json(SavedView.self))
  /// 201 if the batch is new, 200 if its key is known. Events beyond what a session may have are dropped.
  public static let events = Endpoint(
    .post, "/api/sessions/:token/events", "Saves what happened on the page.", bodies: [EventsBody.self],
    answer: .json(KeptView.self))
  /// Also taken after a change of the design; the answer is then a `KeptView`.
  public static let refused = Endpoint(
    .post, "/api/sessions/:token/refused", "Saves an answer that was refused; its step counts as skipped.",
    bodies: [RefusedBody.self], answer: .json(SavedView.self))
  // Sounds
  /// `round` counts from 1 over all attempts. The parcel holds one sound, at index 0. 404 in a study without the check.
  public static let headphones = Endpoint(
    .get, "/t/:token/audio/headphones/:round", "The parcel of a round of the headphone check.", answer: .bytes)
  /// `trial` is the trial's index, from 1. 303 to the web server that sends the sounds, if there is one.
  public static let sounds = Endpoint(
    .get, "/t/:token/audio/:trial", "The parcel of a trial: its sounds, encrypted and padded.", answer: .bytes)
  // The experimenter
  /// A secret in the query is answered by a redirect to the page without it.
  public static let lab = Endpoint(
    .get, "/lab",
    "The experimenter's page: 401 if it asks for a sign-in; with the secret in the query, it sets a cookie.",
    answer: .page)
  /// 401 for a wrong name or password, and 429 after ten failures within a minute from one address.
  public static let signIn = Endpoint(
    .post, "/lab", "Signs an experimenter in, by the study's secret or by a name and a password, and sets a cookie.",
    bodies: [SignInBody.self], answer: .json(SignedInView.self))
  /// Ends the sitting of the browser's cookie on all servers, and removes the cookie.
  public static let signOut = Endpoint(
    .post, "/sign-out", "Signs the experimenter out.", bodies: [SignOutBody.self], answer: .json(KeptView.self))
  /// `Status` in Public/scripts/types.d.ts, with an entity tag, so that asking again costs little. 503 while nothing is saved.
  public static let status = Endpoint(.get, "/lab/api/status", "How the study is going.", answer: .table)
  /// For owners only. Sessions in progress are not affected.
  public static let pause = Endpoint(
    .post, "/lab/api/pause", "Turns newcomers away, or lets them in again.", bodies: [Pause.self],
    answer: .json(Pause.self))
  /// For owners only. 404 if the session was deleted, 422 if an exclusion has no reason.
  public static let exclude = Endpoint(
    .post, "/lab/api/exclude",
    "Excludes a session from analyses, or includes it again, with a reason. Nothing is deleted.",
    bodies: [ExclusionBody.self], answer: .json(KeptView.self))
  /// A list like `participants` in the status: the newest 200 sessions that match.
  public static let find = Endpoint(
    .get, "/lab/api/participants",
    "Sessions of participants whose number, id, group or origin contains the query's `text`.",
    answer: .table)
  /// `number` is the session's. The room Records' `Timeline`; 404 if the session was deleted.
  public static let timeline = Endpoint(
    .get, "/lab/api/sessions/:number", "One session, from beginning to end.", answer: .table)
  /// A list of the room Records' `PageFigures`. It reads every answer.
  public static let pages = Endpoint(
    .get, "/lab/api/pages", "For each page: who answered it, who left there, and how long it took.", answer: .table)
  /// For owners only. 422 if the participant's number is not that of the session.
  public static let purge = Endpoint(
    .post, "/lab/api/purge",
    "Deletes everything about a participant, whose number is given as well. The deletion itself is recorded.",
    bodies: [PurgeBody.self],
    answer: .json(KeptView.self))
  /// For owners only. 422 if it is longer than 500 characters.
  public static let message = Endpoint(
    .post, "/lab/api/message", "What people who are turned away are told.", bodies: [MessageBody.self],
    answer: .json(KeptView.self))
  /// Begins to make it; the status says when it is ready. 404 where no report can be made.
  public static let makeReport = Endpoint(
    .post, "/lab/api/report", "Makes the report from the ratings so far. The request is recorded.",
    bodies: [MakeReportBody.self], answer: .json(KeptView.self))
  /// 404 until a report that was asked for is ready.
  public static let report = Endpoint(.get, "/lab/report", "The latest report.", answer: .page)
  /// `name` is the block's. 404 if the study's blocks have no reports of their own.
  public static let blockReport = Endpoint(
    .get, "/lab/blocks/:name/report.html", "The latest report of one block.", answer: .page)
  /// `name` is a file of the export, `export.zip`, `submissions.csv` or a panel's, or, for owners, `invitations.csv`.
  public static let export = Endpoint(.get, "/lab/export/:name", "A table of the export, up to date.", answer: .bytes)

  // For operators
  /// Says nothing about the records or the disk: `ready` does.
  public static let health = Endpoint(
    .get, "/healthz", "200 if the program is running.", answer: .json(HealthView.self))
  /// 503 if the records cannot be written or the disk of the data folder is full.
  public static let ready = Endpoint(
    .get, "/readyz", "200 if answers can be saved; 503 if not.", answer: .json(HealthView.self))
  /// The secret comes as `Authorization: Bearer SECRET`, or somebody is signed in.
  public static let metrics = Endpoint(
    .get, "/metrics", "Figures in Prometheus' text format, for anyone who has the experimenter's secret.",
    answer: .bytes)

  /// Every address. A test checks that the server answers at these and no others.
  public static let all = [
    shell, session, asset, look, worker, study, join, comeBack, leave, state, respond, withdraw, events, refused,
    headphones,
    sounds,
    lab, signIn, signOut, status, pause, exclude,
    find, timeline, pages, purge, message, makeReport, report, blockReport, export, health, ready, metrics,
  ]

  private static func body<T: TrialType>(of type: T) -> any Message.Type { TrialAnswerBody<T.Answer>.self }
}
