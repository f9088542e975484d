using System.Text;
using DropoutLab.Data.Text;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data.Text;

public sealed class VocabularyTests : IDisposable
{
    private static readonly Vocabulary Usual = SmallVocabulary.Of(
        "the", "cafe", "play", "##ing", "##s", "$", "5", "+", "_", "a", "b", "i", "##stanbul", ".", "'", "中", "国", "€", "##5",
        "\u1112\u1161\u11ab", "straße");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>What BERT's own tokenizer makes of it: each of these differs where a rule of it is left out.</summary>
    [Theory]
    [InlineData("the plays", "the play ##s")]
    [InlineData("The PLAYING", "the play ##ing")]
    [InlineData("café Café cafe\u0301", "cafe cafe cafe")]
    [InlineData("$5+5", "$ 5 + 5")]
    [InlineData("a_b", "a _ b")]
    [InlineData("€5", "€ ##5")]
    [InlineData("a\tb a\u00a0b a\u3000b a\u2028b", "a b a b a b a b")]
    [InlineData("a\u200bb a\u0007b", "[UNK] [UNK]")]
    [InlineData("b\u0000\ufffd a", "b a")]
    [InlineData("中国a", "中 国 a")]
    [InlineData("İstanbul", "i ##stanbul")]
    [InlineData("the [MASK] [SEP]", "the [UNK] [UNK] [UNK] [UNK] [UNK] [UNK]")]
    [InlineData("a's.", "a ' [UNK] .")]
    [InlineData("Straße", "straße")]
    [InlineData("한", "\u1112\u1161\u11ab")]
    [InlineData("", "")]
    [InlineData(" \t ", "")]
    [InlineData("\u0301", "")]
    public void SentencesAreCutAsBertCutsThem(string sentence, string tokens) => Assert.Equal(
        ["[CLS]", .. tokens.Split(' ', StringSplitOptions.RemoveEmptyEntries), "[SEP]"], Usual.Encoded(sentence));

    [Fact]
    public void AWordThatIsNotPiecesThroughoutIsUnknown() =>
        Assert.Equal(["[CLS]", "[UNK]", "the", "[SEP]"], Usual.Encoded("playingx the"));

    [Theory]
    [InlineData(2, "[CLS] [SEP]")]
    [InlineData(4, "[CLS] the play [SEP]")]
    [InlineData(5, "[CLS] the play ##ing [SEP]")]
    [InlineData(6, "[CLS] the play ##ing ##s [SEP]")]
    [InlineData(9, "[CLS] the play ##ing ##s a [SEP]")]
    public void WhatIsTooLongLosesItsEndButForTheSeparator(int maxTokens, string tokens) =>
        Assert.Equal(tokens.Split(' '), Usual.Encoded("the playings a", maxTokens));

    [Fact]
    public void SettingsBesideItSayWhatIsLeftOfATextAndAreWrittenBack()
    {
        folder.Make("tokenizer_config.json", """{"do_lower_case": false, "tokenize_chinese_chars": false, "other": [1]}"""u8);
        Vocabulary cased = Vocabulary.Read(SmallVocabulary.Make(folder, "Café", "cafe", "中国", "E"));
        Directory.CreateDirectory(folder["again"]);
        cased.Write(folder["again"]);

        foreach (Vocabulary vocabulary in new[] { cased, Vocabulary.Read(folder["again", "vocab.txt"]) })
        {
            Assert.Equal(["[CLS]", "Café", "cafe", "[UNK]", "中国", "[SEP]"], vocabulary.Encoded("Café cafe Cafe 中国"));
            Assert.Equal(cased.Digest, vocabulary.Digest);
        }

        folder.Make("tokenizer_config.json", """{"strip_accents": true, "do_lower_case": false}"""u8);
        Vocabulary stripped = Vocabulary.Read(folder["vocab.txt"]);
        Assert.Equal(["[CLS]", "cafe", "E", "[SEP]"], stripped.Encoded("café É"));
        Assert.NotEqual(cased.Digest, stripped.Digest);
    }

    [Fact]
    public void IdsAreTheNumbersOfLines()
    {
        string path = folder.Make("vocab.txt", "\uFEFF[PAD]\r\n[CLS]\r\n\r\n[UNK]\r\n[MASK]\r\nthe\r\n[SEP]\r\n"u8);
        Vocabulary vocabulary = Vocabulary.Read(path);

        Assert.Equal(7, vocabulary.Count);
        Assert.Equal((1, 6), (vocabulary.ClassificationToken, vocabulary.SeparatorToken));
        Assert.Equal((4, 3), (vocabulary.MaskToken, vocabulary.UnknownToken));
        Assert.Equal("the", vocabulary.Tokens[5]);
        Assert.Equal(["[CLS]", "the", "[SEP]"], vocabulary.Encoded("the"));
    }

    [Theory]
    [InlineData("", "vocab.txt is empty")]
    [InlineData("\n\n", "vocab.txt is empty")]
    [InlineData("[PAD]\n[UNK]\nthe\n", "vocab.txt has no [CLS], no [SEP], no [MASK]:")]
    [InlineData("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\na\nthe\n", "vocab.txt, line 8: the token 'the' is that of line 6")]
    [InlineData("[PAD]\nth\re\n", "vocab.txt, line 2: ")]
    public void WhatIsNoVocabularyIsOneLine(string text, string complaint) =>
        OneLine.Throws(() => Vocabulary.Read(folder.Make("vocab.txt", Encoding.UTF8.GetBytes(text))), complaint);

    [Fact]
    public void FilesThatCannotBeReadAreOneLine()
    {
        OneLine.Throws(() => Vocabulary.Read(folder["vocab.txt"]), folder["vocab.txt"], "there is no such file");
        byte[] latin = [.. "[PAD]\ncaf"u8, 0xe9];
        OneLine.Throws(() => Vocabulary.Read(folder.Make("latin.txt", latin)), "latin.txt, line 2: it is not UTF-8");
        string path = SmallVocabulary.Make(folder);
        folder.Make("tokenizer_config.json", """{"do_lower_case": "yes"}"""u8);
        OneLine.Throws(() => Vocabulary.Read(path), "tokenizer_config.json has do_lower_case \"yes\": true or false is needed");
        folder.Make("tokenizer_config.json", "{"u8);
        OneLine.Throws(() => Vocabulary.Read(path), "tokenizer_config.json is no JSON");
        folder.Make("tokenizer_config.json", "[]"u8);
        OneLine.Throws(() => Vocabulary.Read(path), "tokenizer_config.json is JSON of the kind Array");
    }
}
