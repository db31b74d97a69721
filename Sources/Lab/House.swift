import Basics
import Foundation
import HTTP
import Interface
import Logging

/// Several studies under one address, each below its name, and an overview for those who run the house.
///
/// Each study has its own records, secret and users: the house's secret opens the overview only.
public struct House: Sendable {
  /// How a study is going, on the overview.
  struct Entry: Encodable {
    var name, title: String
    /// Why it is not served; the other figures are then missing.
    var trouble: String?
    var closed: String?
    var wanted, passed: Int?
    var joined, active, finished, saves, errors: Int?
  }

  /// A study of the house.
  public struct Room: Sendable {
    /// The name of its folder, and the part of the address below which it is served.
    public var name: String
    /// The study's title in its first language; its name if it cannot be served.
    public var title: String
    /// nil if it cannot be served; `trouble` then says why.
    public var lab: Lab?
    /// What the overview says instead of figures; nil if it is served.
    public var trouble: String?

    public init(name: String, title: String, lab: Lab? = nil, trouble: String? = nil) {
      (self.name, self.title, self.lab, self.trouble) = (name, title, lab, trouble)
    }
  }

  private let rooms: [Room]
  private let handlers: [String: Handler]
  private let door: LabDoor
  private let page: PublicPage
  private let assets: Folder
  private let basePath: [String]
  private let logger: Logger

  /// Names that a study cannot have, since the house uses them as addresses.
  public static let taken = ["lab", "assets", "sign-out", "healthz", "readyz", "t", "api", "data"]

  /// Whether a study may have this name: letters, digits, dots, hyphens and underscores.
  public static func isName(_ name: String) -> Bool {
    name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{0,63}/) != nil && !taken.contains(name.lowercased())
  }

  /// - Parameters:
  ///   - pages: the folder `Public`.
  ///   - data: the house's own folder, with the file of its users.
  ///   - secret: the secret for the overview.
  ///   - basePath: as of `Lab`.
  public init(
    _ rooms: [Room], pages: URL, data: URL, secret: String, basePath: [String] = [], logger: Logger
  ) throws {
    self.rooms = rooms
    let served = rooms.compactMap { room in room.lab.map { (room.name, $0.handler) } }
    handlers = Dictionary(served, uniquingKeysWith: { first, _ in first })
    door = try LabDoor(records: nil, folder: data, secret: secret)
    assets = Folder(pages)
    page = PublicPage(pages.appending(path: "house.html"), assets: assets)
    self.basePath = basePath
    self.logger = logger
  }

  private var routes: Router {
    Router([
      .get("/lab", { try door.shell(page, $0) }),
      .post("/lab", { try door.signIn($0) }),
      .post("/sign-out", { try door.signOut($0) }),
      .get("/lab/api/overview", overview),
      .get(
        "/assets/*path",
        { [assets] request in
          .now(try assets.file(request.parameter("path").split(separator: "/").map(String.init), for: request))
        }),
      .get("/healthz", { _ in .now(.json(HealthView())) }),
      .get("/readyz", ready),
    ])
  }

  /// Hands what is below a study's name to that study, and answers the house's own addresses.
  public var handler: Handler {
    let (routes, handlers) = (routes, handlers)
    let stack: [any Middleware] = [PageHeaders(), Refusals(logger, translate: Refusal.of), BasePath(basePath)]
    return stack.around { request in
      if let name = request.path.first, let study = handlers[name], let below = request.below([name]) {
        return try study(below)
      }
      return try routes.handle(request)
    }
  }

  private func ready(_ request: Request) throws -> Answer {
    for room in rooms { try room.lab?.checkReady() }
    return .now(.json(HealthView()))
  }

  private func overview(_ request: Request) throws -> Answer {
    _ = try door.visitor(request)
    return .now(.json(rooms.map { $0.lab?.entry(named: $0.name) ?? Entry(room: $0) }).tagged(for: request))
  }
}

extension House.Entry {
  init(room: House.Room, trouble: String? = nil) {
    self.init(name: room.name, title: room.title, trouble: trouble ?? room.trouble ?? "")
  }
}
