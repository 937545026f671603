/// The Unicode tables of `tokenizers`, in the files of `Data`.
///
/// Hexadecimal numbers in string literals: the compiler takes those in no time, and minutes for arrays of this size.
enum UnicodeData {}
