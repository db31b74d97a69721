import Basics
import Foundation
import HTTP

/// A page of `Public`. Its addresses lead from the study's root, `assets/…`; the page is given out with them leading
/// there from wherever it stands, so that a web server in front may put the study below any path.
struct Page: Sendable {
  private let file: URL

  init(_ file: URL) { self.file = file }

  func response(to request: Request) throws -> Response {
    // It is a part of the program: what keeps it from being read, such as a want of descriptors, passes.
    guard let text = try? InputFile.text(file) else { throw Refusal.busy }
    var response = Response.text(
      text.replacing("\"assets/", with: "\"\(request.wayToRoot)assets/"), type: "text/html; charset=utf-8")
    response.headers.append(Header("Cache-Control", "no-cache"))
    return response
  }
}
