/// A BCP 47 language code, such as `en` or `pt-BR`.
package enum LanguageCode {
  package static func isOne(_ word: String) -> Bool { word.wholeMatch(of: /[a-z]{2,3}(-[A-Za-z0-9]{2,8})*/) != nil }
}
