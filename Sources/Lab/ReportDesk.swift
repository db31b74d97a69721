import Dispatch
import Foundation
import HTTP
import Interface
import Records
import Synchronization

/// The report of a study that is not over. It is made on request, and the request stays on record, since somebody who has
/// seen which system leads is no longer blind.
final class ReportDesk: Sendable {
  /// What the lab's page is told about it.
  struct View: Encodable {
    /// `working`, `ready` or `failed`.
    var state: String
    var askedAt: String
    /// Missing for somebody with the study's secret.
    var askedBy: String?
    /// Why it failed.
    var why: String?
    /// For a study of several blocks, those that have their own report.
    var blocks: [String]?
  }

  /// Writes report.html into a folder, from the exported tables in the folder `export` of a data folder.
  typealias Maker = @Sendable (_ data: URL, _ folder: URL) throws -> Void

  private let folder: URL
  private let exports: ExportFolder
  private let records: Records
  private let make: Maker?
  private let view = Mutex<View?>(nil)
  private let queue = DispatchQueue(label: "report", qos: .utility)

  /// - Parameters:
  ///   - folder: where it is kept.
  ///   - make: nil if no report can be made.
  init(_ folder: URL, exports: ExportFolder, records: Records, make: Maker?) {
    (self.folder, self.exports, self.records, self.make) = (folder, exports, records, make)
    let acts = (try? records.acts(.reported)) ?? []
    if let last = acts.last, FileManager.default.fileExists(atPath: file.path) {
      view.withLock {
        $0 = View(state: "ready", askedAt: last.at, askedBy: last.who.isEmpty ? nil : last.who, blocks: blocks)
      }
    }
  }

  private var file: URL { folder.appending(path: "report.html") }
  private var folderOfBlocks: URL { folder.appending(path: "blocks") }

  /// The blocks whose report was made; nil if there are none.
  private var blocks: [String]? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folderOfBlocks.path)) ?? []
    return names.isEmpty ? nil : names.sorted()
  }

  var standing: View? { view.withLock { $0 } }

  /// Records that it was requested, and begins to make it. If one is being made at that time, that one is used.
  func ask(by who: String, _ finish: @escaping Answer.Finish) {
    guard let make else { return finish(.failure(Refusal.noReport)) }
    records.note(.reported, by: who, about: "") { [self] result in
      finish(
        result.map {
          let begins = view.withLock { view in
            guard view?.state != "working" else { return false }
            let at = records.now().formatted(.iso8601)
            view = View(state: "working", askedAt: at, askedBy: who.isEmpty ? nil : who)
            return true
          }
          if begins { queue.async { [self] in work(make) } }
          return .json(KeptView())
        })
    }
  }

  private func work(_ make: Maker) {
    var why: String?
    do {
      try exports.forReport { data in
        // What an earlier report told of blocks is not of this one.
        try? FileManager.default.removeItem(at: folderOfBlocks)
        try make(data, folder)
      }
    } catch { why = "\(error)" }
    view.withLock { view in
      view?.state = why == nil ? "ready" : "failed"
      view?.why = why.map { String($0.prefix(500)) }
      view?.blocks = why == nil ? blocks : nil
    }
  }

  /// A page with its own scripts and styles and no access to the lab: it may connect to nothing, and counts as coming from
  /// another site.
  /// - Parameter block: the block whose report is wanted; nil for the whole study.
  func response(to request: Request, block: String? = nil) throws -> Response {
    guard let standing, standing.state == "ready", block.map({ standing.blocks?.contains($0) == true }) ?? true,
      let bytes = try? Data(
        contentsOf: block.map { folderOfBlocks.appending(path: "\($0)/report.html") } ?? file)
    else { throw Refusal.notFound }
    var response = Response(200, headers: [Header("Content-Type", "text/html; charset=utf-8")], body: bytes)
    response.headers.append(
      Header(
        PageHeaders.policyName,
        "sandbox allow-scripts allow-popups allow-downloads; default-src 'none'; script-src 'unsafe-inline'; "
          + "style-src 'unsafe-inline'; img-src data:; media-src data:; frame-ancestors 'none'"))
    return response
  }
}
