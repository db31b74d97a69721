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

  public var method: Method
  /// The path. Plain parts match themselves; `:name` matches any single part, and `*name` at the end matches the whole
  /// rest.
  public var path: String
  public var summary: String
  /// The types that may be sent as JSON bodies.
  public var bodies: [any Message.Type]
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
  public static let shell = Endpoint(.get, "/", "The participant's page: welcome and consent.", answer: .page)
  public static let session = Endpoint(.get, "/t/:token", "The participant's page in a session.", answer: .page)
  public static let asset = Endpoint(.get, "/assets/*path", "A file of the pages.", answer: .bytes)
  public static let look = Endpoint(.get, "/look/*path", "A file of the study's own look.", answer: .bytes)
  public static let worker = Endpoint(
    .get, "/service-worker.js", "The script that keeps the pages, so that they can be reloaded offline.", answer: .bytes
  )
  // Taking part
  public static let study = Endpoint(
    .get, "/api/study", "What a newcomer is told about the study.", answer: .json(StudyView.self))
  public static let join = Endpoint(
    .post, "/api/sessions", "Admits a listener: a newcomer, or one who continues a session.", bodies: [JoinBody.self],
    answer: .json(JoinedView.self))
  public static let comeBack = Endpoint(
    .post, "/api/return", "Opens a session on another device, by the code that its breaks show.",
    bodies: [ReturnBody.self], answer: .json(JoinedView.self))
  public static let leave = Endpoint(
    .post, "/api/leave", "What the study tells somebody who does not take part, or for whom there is no place.",
    bodies: [LeaveBody.self], answer: .json(FinishView.self))
  public static let withdraw = Endpoint(
    .post, "/api/sessions/:token/withdraw", "Ends the session before its last step, at the listener's request.",
    bodies: [WithdrawBody.self], answer: .json(FinishView.self))
  public static let state = Endpoint(
    .get, "/api/sessions/:token", "The session: what is still to do, and what has been done.",
    answer: .json(SessionView.self))
  public static let respond = Endpoint(
    .post, "/api/sessions/:token/responses",
    "Saves the answer to a step: 201 once it is on the disk, 200 if the same key was saved before.",
    bodies: [ResponseBody.self] + TrialTypes.all.map { body(of: $0) }, answer: .json(SavedView.self))
  public static let events = Endpoint(
    .post, "/api/sessions/:token/events", "Saves what happened on the page.", bodies: [EventsBody.self],
    answer: .json(KeptView.self))
  public static let refused = Endpoint(
    .post, "/api/sessions/:token/refused", "Saves an answer that was refused; its step counts as skipped.",
    bodies: [RefusedBody.self], answer: .json(SavedView.self))
  // Sounds
  public static let headphones = Endpoint(
    .get, "/t/:token/audio/headphones/:round", "The parcel of a round of the headphone check.", answer: .bytes)
  public static let sounds = Endpoint(
    .get, "/t/:token/audio/:trial", "The parcel of a trial: its sounds, encrypted and padded.", answer: .bytes)
  // The experimenter
  public static let lab = Endpoint(
    .get, "/lab",
    "The experimenter's page: 401 if it asks for a sign-in; with the secret in the query, it sets a cookie.",
    answer: .page)
  public static let signIn = Endpoint(
    .post, "/lab", "Signs an experimenter in, by the study's secret or by a name and a password, and sets a cookie.",
    bodies: [SignInBody.self], answer: .json(SignedInView.self))
  public static let signOut = Endpoint(
    .post, "/sign-out", "Signs the experimenter out.", bodies: [SignOutBody.self], answer: .json(KeptView.self))
  public static let status = Endpoint(.get, "/lab/api/status", "How the study is going.", answer: .table)
  public static let pause = Endpoint(
    .post, "/lab/api/pause", "Turns newcomers away, or lets them in again.", bodies: [Pause.self],
    answer: .json(Pause.self))
  public static let exclude = Endpoint(
    .post, "/lab/api/exclude",
    "Excludes a session from analyses, or includes it again, with a reason. Nothing is deleted.",
    bodies: [ExclusionBody.self], answer: .json(KeptView.self))
  public static let find = Endpoint(
    .get, "/lab/api/participants",
    "Sessions of participants whose number, id, group or origin contains the query's `text`.",
    answer: .table)
  public static let timeline = Endpoint(
    .get, "/lab/api/sessions/:number", "One session, from beginning to end.", answer: .table)
  public static let pages = Endpoint(
    .get, "/lab/api/pages", "For each page: who answered it, who left there, and how long it took.", answer: .table)
  public static let purge = Endpoint(
    .post, "/lab/api/purge",
    "Deletes everything about a participant, whose number is given as well. The deletion itself is recorded.",
    bodies: [PurgeBody.self],
    answer: .json(KeptView.self))
  public static let message = Endpoint(
    .post, "/lab/api/message", "What people who are turned away are told.", bodies: [MessageBody.self],
    answer: .json(KeptView.self))
  public static let makeReport = Endpoint(
    .post, "/lab/api/report", "Makes the report from the ratings so far. The request is recorded.",
    bodies: [MakeReportBody.self], answer: .json(KeptView.self))
  public static let report = Endpoint(.get, "/lab/report", "The latest report.", answer: .page)
  public static let blockReport = Endpoint(
    .get, "/lab/blocks/:name/report.html", "The latest report of one block.", answer: .page)
  public static let export = Endpoint(.get, "/lab/export/:name", "A table of the export, up to date.", answer: .bytes)

  // For operators
  public static let health = Endpoint(
    .get, "/healthz", "200 if the program is running.", answer: .json(HealthView.self))
  public static let ready = Endpoint(
    .get, "/readyz", "200 if answers can be saved; 503 if not.", answer: .json(HealthView.self))
  public static let metrics = Endpoint(
    .get, "/metrics", "Figures in Prometheus' text format, for anyone who has the experimenter's secret.",
    answer: .bytes)

  public static let all = [
    shell, session, asset, look, worker, study, join, comeBack, leave, state, respond, withdraw, events, refused,
    headphones,
    sounds,
    lab, signIn, signOut, status, pause, exclude,
    find, timeline, pages, purge, message, makeReport, report, blockReport, export, health, ready, metrics,
  ]

  private static func body<T: TrialType>(of type: T) -> any Message.Type { TrialAnswerBody<T.Answer>.self }
}
