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
    .get, "/service-worker.js", "What keeps the pages for a reload without the network.", answer: .bytes)
  // Taking part
  public static let study = Endpoint(
    .get, "/api/study", "What a newcomer is told of the study.", answer: .json(StudyView.self))
  public static let join = Endpoint(
    .post, "/api/sessions", "Lets a listener in: a newcomer, or one who goes on.", bodies: [JoinBody.self],
    answer: .json(JoinedView.self))
  public static let comeBack = Endpoint(
    .post, "/api/return", "Opens a session on another device, by the code that its breaks show.",
    bodies: [ReturnBody.self], answer: .json(JoinedView.self))
  public static let leave = Endpoint(
    .post, "/api/leave", "What the study tells one who does not take part, or for whom there is no place.",
    bodies: [LeaveBody.self], answer: .json(FinishView.self))
  public static let withdraw = Endpoint(
    .post, "/api/sessions/:token/withdraw", "Ends the session before its last step, as its listener wants it.",
    bodies: [WithdrawBody.self], answer: .json(FinishView.self))
  public static let state = Endpoint(
    .get, "/api/sessions/:token", "The session: what is to be done, and what is done.", answer: .json(SessionView.self))
  public static let respond = Endpoint(
    .post, "/api/sessions/:token/responses",
    "Keeps the answer to a step: 201 when it is on the disk, 200 where the same key was kept before.",
    bodies: [ResponseBody.self] + TrialTypes.all.map { body(of: $0) }, answer: .json(SavedView.self))
  public static let events = Endpoint(
    .post, "/api/sessions/:token/events", "Keeps what happened on the page.", bodies: [EventsBody.self],
    answer: .json(KeptView.self))
  public static let refused = Endpoint(
    .post, "/api/sessions/:token/refused", "Keeps what was refused; its step counts as passed over.",
    bodies: [RefusedBody.self], answer: .json(SavedView.self))
  // Sounds
  public static let headphones = Endpoint(
    .get, "/t/:token/audio/headphones/:round", "The parcel of a round of the headphone check.", answer: .bytes)
  public static let sounds = Endpoint(
    .get, "/t/:token/audio/:trial", "The parcel of a trial: its sounds, enciphered and padded.", answer: .bytes)
  // The experimenter
  public static let lab = Endpoint(
    .get, "/lab",
    "The experimenter's page: 401 where it asks who it is; with the secret in the query, a cookie for it.",
    answer: .page)
  public static let signIn = Endpoint(
    .post, "/lab", "Lets an experimenter in, by the study's secret or by a name and a password: a cookie.",
    bodies: [SignInBody.self], answer: .json(SignedInView.self))
  public static let signOut = Endpoint(
    .post, "/sign-out", "Ends the experimenter's sitting.", bodies: [SignOutBody.self], answer: .json(KeptView.self))
  public static let status = Endpoint(.get, "/lab/api/status", "How the study is going.", answer: .table)
  public static let pause = Endpoint(
    .post, "/lab/api/pause", "Turns newcomers away, or lets them in again.", bodies: [Pause.self],
    answer: .json(Pause.self))
  public static let exclude = Endpoint(
    .post, "/lab/api/exclude",
    "Leaves a session out of analyses, or takes it in again, with a reason. Nothing is deleted.",
    bodies: [ExclusionBody.self], answer: .json(KeptView.self))
  public static let find = Endpoint(
    .get, "/lab/api/participants", "Sessions of those whose number, id, group or origin holds the query's `text`.",
    answer: .table)
  public static let timeline = Endpoint(
    .get, "/lab/api/sessions/:number", "What one session was, from its beginning to its end.", answer: .table)
  public static let pages = Endpoint(
    .get, "/lab/api/pages", "Of each page, who answered it, who left there, and how long it took.", answer: .table)
  public static let purge = Endpoint(
    .post, "/lab/api/purge",
    "Deletes all of a participant, whose number is given as well. That it was done is kept.", bodies: [PurgeBody.self],
    answer: .json(KeptView.self))
  public static let message = Endpoint(
    .post, "/lab/api/message", "What those are told who are turned away.", bodies: [MessageBody.self],
    answer: .json(KeptView.self))
  public static let makeReport = Endpoint(
    .post, "/lab/api/report", "Makes the report as it stands. That it was asked for is kept.",
    bodies: [MakeReportBody.self], answer: .json(KeptView.self))
  public static let report = Endpoint(.get, "/lab/report", "The report that was made last.", answer: .page)
  public static let blockReport = Endpoint(
    .get, "/lab/blocks/:name/report.html", "The report of one block, as it was made last.", answer: .page)
  public static let export = Endpoint(.get, "/lab/export/:name", "A table of the export, made anew.", answer: .bytes)

  // For operators
  public static let health = Endpoint(
    .get, "/healthz", "200 as long as the program answers.", answer: .json(HealthView.self))
  public static let ready = Endpoint(
    .get, "/readyz", "200 while answers can be saved; 503 where they cannot.", answer: .json(HealthView.self))
  public static let metrics = Endpoint(
    .get, "/metrics", "Figures in Prometheus' text form, for who has the experimenter's secret.", answer: .bytes)

  public static let all = [
    shell, session, asset, look, worker, study, join, comeBack, leave, state, respond, withdraw, events, refused,
    headphones,
    sounds,
    lab, signIn, signOut, status, pause, exclude,
    find, timeline, pages, purge, message, makeReport, report, blockReport, export, health, ready, metrics,
  ]

  private static func body<T: TrialType>(of type: T) -> any Message.Type { TrialAnswerBody<T.Answer>.self }
}
