import Basics
import Foundation
import HTTP
import Study

/// A page of `Public`. In the file, addresses start at the study's root, `assets/…`. When the page is sent, they are made
/// relative to where it is, so that a web server in front may serve the study below any path. They also name the edition of
/// the files, so that a browser that has them does not request them again.
struct PublicPage: Sendable {
  private let file: URL
  private let assets: Folder

  /// - Parameter assets: the folder that is served as `assets/`.
  init(_ file: URL, assets: Folder) { (self.file, self.assets) = (file, assets) }

  /// - Parameter look: the study's own look, if the page should have it.
  func response(to request: Request, look: StudyLook? = nil) throws -> Response {
    // It is a part of the program: what keeps it from being read, such as a want of descriptors, passes.
    guard let text = try? InputFile.text(file) else { throw Refusal.busy }
    let own = look.map {
      "  <link rel=\"stylesheet\" href=\"\(request.wayToRoot)look/\($0.edition)/look.css\">\n</head>"
    }
    var response = Response.text(
      text.replacing("\"assets/", with: "\"\(request.wayToRoot)assets/\(try assets.edition())/")
        .replacing("</head>", with: own ?? "</head>"),
      type: "text/html; charset=utf-8")
    response.headers.append(Header("Cache-Control", "no-cache"))
    return response
  }
}
