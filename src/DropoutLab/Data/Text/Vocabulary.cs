using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using ADRaffy.ENSNormalize;
using DropoutLab.Storage;
using Microsoft.ML.Tokenizers;

namespace DropoutLab.Data.Text;

/// <summary>
/// The tokens that a BERT encoder knows, and how it cuts sentences into them: words and punctuation, in pieces where a word is
/// none of them (WordPiece). Threads may encode at once.
/// </summary>
/// <remarks>
/// Sources: Devlin, Chang, Lee, Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
/// 2018, and its program's tokenization.py; Wu et al., "Google's Neural Machine Translation System", 2016, section 4.1.
/// </remarks>
public sealed class Vocabulary
{
    /// <summary>The usual name of a vocabulary's file.</summary>
    public const string FileName = "vocab.txt";

    private const string SettingsName = "tokenizer_config.json";
    private const string LowerCase = "do_lower_case", StripAccents = "strip_accents", SplitChinese = "tokenize_chinese_chars";
    private const int MostTokens = 1 << 22;

    private readonly string[] tokens;
    private readonly BertText text;
    private readonly BertTokenizer tokenizer;

    private Vocabulary(string[] tokens, BertText text)
    {
        (this.tokens, this.text) = (tokens, text);
        string all = $"{text.IsLowerCase} {text.StripsAccents} {text.SplitsChinese}\n{Lines}";
        Digest = Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(all)));
        using MemoryStream lines = new(Encoding.UTF8.GetBytes(Lines));
        // Its own rules lose $, + and other symbols, and tabs between words.
        tokenizer = BertTokenizer.Create(
            lines,
            new BertOptions { Normalizer = text, PreTokenizer = PreTokenizer.CreateWhiteSpace(), SplitOnSpecialTokens = false });
    }

    /// <summary>How many tokens there are; their IDs are 0 to this, excluded.</summary>
    public int Count => tokens.Length;

    /// <summary>The tokens by ID; empty where the file has an empty line.</summary>
    public IReadOnlyList<string> Tokens => tokens;

    /// <summary>The ID of [CLS], with which each sentence begins.</summary>
    public int ClassificationToken => tokenizer.ClassificationTokenId;

    /// <summary>The ID of [SEP], with which each sentence ends.</summary>
    public int SeparatorToken => tokenizer.SeparatorTokenId;

    /// <summary>The ID of [MASK].</summary>
    public int MaskToken => tokenizer.MaskingTokenId;

    /// <summary>The ID of [UNK], in place of a word that cannot be put together from pieces.</summary>
    public int UnknownToken => tokenizer.UnknownTokenId;

    /// <summary>Tells tokens and rules from others: 128 bits in hexadecimal.</summary>
    public string Digest { get; }

    private string Lines => $"{string.Join('\n', tokens)}\n";

    /// <summary>
    /// Reads a token a line. A tokenizer_config.json beside it says whether words are lower-cased (<c>do_lower_case</c>, true
    /// where nothing is said), lose their accents (<c>strip_accents</c>, as lower-cased) and Chinese characters are words
    /// (<c>tokenize_chinese_chars</c>, true).
    /// </summary>
    /// <exception cref="DropoutLabException">
    /// The file cannot be read, is not UTF-8, has a token twice, or lacks [PAD], [UNK], [CLS], [SEP] or [MASK].
    /// </exception>
    public static Vocabulary Read(string path)
    {
        List<string> tokens = [];
        Dictionary<string, long> lines = [];
        Utf8Lines.ForEach(path, (_, number, line) =>
        {
            string token = Encoding.UTF8.GetString(line);
            if (token.Length > 0 && !lines.TryAdd(token, number))
                throw Utf8Lines.Wrong(path, number, $"the token '{token}' is that of line {lines[token]}: each is needed once");
            if (token.Contains('\r') || number > MostTokens)
                throw Utf8Lines.Wrong(path, number, $"{MostTokens} tokens at most are needed, without carriage returns in them");
            tokens.Add(token);
        });
        if (lines.Count == 0)
            throw new DropoutLabException($"{path} is empty: a vocabulary has a token on each line");
        string[] missing = [.. new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" }.Where(token => !lines.ContainsKey(token))];
        if (missing.Length > 0)
        {
            throw new DropoutLabException(
                $"{path} has no {string.Join(", no ", missing)}: a BERT vocabulary has [PAD], [UNK], [CLS], [SEP] and [MASK]");
        }

        return new Vocabulary([.. tokens], TextBeside(path));
    }

    /// <summary>Cuts a sentence into tokens, [CLS] … [SEP]; what is too long loses its end, but for [SEP].</summary>
    /// <param name="sentence">Any text.</param>
    /// <param name="ids">Where their IDs go, two at least; those behind them become 0.</param>
    /// <returns>How many tokens the sentence has there.</returns>
    public int Encode(string sentence, Span<int> ids)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ids.Length, 2, nameof(ids));
        IReadOnlyList<int> pieces = tokenizer.EncodeToIds(sentence, addSpecialTokens: false);
        int count = Math.Min(pieces.Count, ids.Length - 2);
        ids[0] = ClassificationToken;
        for (int i = 0; i < count; i++)
            ids[i + 1] = pieces[i];
        ids[count + 1] = SeparatorToken;
        ids[(count + 2)..].Clear();
        return count + 2;
    }

    /// <summary>Writes vocab.txt and tokenizer_config.json, each whole or not at all.</summary>
    /// <exception cref="DropoutLabException">They cannot be written.</exception>
    public void Write(string folder)
    {
        AtomicFile.WriteText(Path.Combine(folder, FileName), Lines);
        AtomicFile.Write(Path.Combine(folder, SettingsName), stream =>
        {
            using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
            json.WriteStartObject();
            json.WriteString("tokenizer_class", "BertTokenizer");
            json.WriteBoolean(LowerCase, text.IsLowerCase);
            json.WriteBoolean(StripAccents, text.StripsAccents);
            json.WriteBoolean(SplitChinese, text.SplitsChinese);
            json.WriteEndObject();
        });
    }

    private static BertText TextBeside(string path)
    {
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, SettingsName);
        if (!File.Exists(beside))
            return new BertText(IsLowerCase: true, StripsAccents: true, SplitsChinese: true);
        JsonSettings settings = JsonSettings.Read(beside);
        bool isLowerCase = settings.Flag(LowerCase, standard: true);
        return new BertText(
            isLowerCase, settings.Flag(StripAccents, standard: isLowerCase), settings.Flag(SplitChinese, standard: true));
    }

    /// <summary>
    /// BERT's text before it is cut at white space: control characters gone, punctuation and Chinese characters words by
    /// themselves.
    /// </summary>
    private sealed class BertText(bool IsLowerCase, bool StripsAccents, bool SplitsChinese) : Normalizer
    {
        public bool IsLowerCase { get; } = IsLowerCase;

        public bool StripsAccents { get; } = StripsAccents;

        public bool SplitsChinese { get; } = SplitsChinese;

        public override string Normalize(string original)
        {
            StringBuilder result = new(original.Length + original.Length / 4);
            foreach (Rune rune in (StripsAccents && !Ascii.IsValid(original) ? Decomposed(original) : original).EnumerateRunes())
            {
                UnicodeCategory category = Rune.GetUnicodeCategory(rune);
                if (IsSpace(rune, category))
                    result.Append(' ');
                else if (IsPunctuation(rune, category) || (SplitsChinese && IsChinese(rune.Value)))
                    result.Append(' ').Append(rune).Append(' ');
                else if (!IsControl(rune, category) && !(StripsAccents && category == UnicodeCategory.NonSpacingMark))
                    result.Append(IsLowerCase ? Rune.ToLowerInvariant(rune) : rune);
            }

            return result.ToString();
        }

        public override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());

        /// <summary>
        /// Unicode's form D. <see cref="string.Normalize()"/> leaves texts as they are in a program without the system's ICU.
        /// </summary>
        private static string Decomposed(string text)
        {
            StringBuilder result = new(text.Length + 8);
            foreach (int character in ENSNormalize.NF.NFD(text.EnumerateRunes().Select(rune => rune.Value)))
                result.Append(new Rune(character));
            return result.ToString();
        }

        private static bool IsSpace(Rune rune, UnicodeCategory category) =>
            rune.Value is '\t' or '\n' or '\r' || (category != UnicodeCategory.Control && Rune.IsWhiteSpace(rune));

        private static bool IsControl(Rune rune, UnicodeCategory category) =>
            category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
            || rune == Rune.ReplacementChar;

        /// <summary>Of ASCII whatever is no letter, digit or space counts, such as $ and +.</summary>
        private static bool IsPunctuation(Rune rune, UnicodeCategory category) => rune.IsAscii
            ? rune.Value is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~')
            : category is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

        /// <summary>CJK ideographs; the Japanese and Korean alphabets are words like others.</summary>
        private static bool IsChinese(int character) => character is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF)
            or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0x2F800 and <= 0x2FA1F);
    }
}
