import Foundation
import HTTP

/// If somebody opens an address of the lab without having signed in, they get the sign-in page, which then leads to that
/// address. A program, which does not ask for a page, gets the refusal.
struct SignInFirst: Middleware {
  func around(_ next: @escaping Handler) -> Handler {
    { request in
      do { return try next(request) } catch let refusal as Refusal where refusal == .experimenterOnly {
        guard request.method == .get, request.header("accept")?.contains("text/html") == true else { throw refusal }
        let onward = Self.encoded(request.path.map(Self.encoded).joined(separator: "/"))
        return .now(.redirect(to: "\(request.wayToRoot)lab\(request.path.count > 1 ? "?to=\(onward)" : "")"))
      }
    }
  }

  private static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~/"))) ?? ""
  }
}
