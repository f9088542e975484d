using System.Text;
using DropoutLab.Data.Text;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data.Text;

public sealed class SentenceFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a\nb c\n", "a|b c")]
    [InlineData("a\r\n\r\nb\r\n", "a|b")]
    [InlineData("\n \n\t\na\n\n\nb", "a|b")]
    [InlineData("\uFEFFcafé\n中国", "café|中国")]
    [InlineData("a", "a")]
    public void ASentenceALineWithoutEmptyLines(string text, string sentences)
    {
        using SentenceFile file = new(folder.Make("s.txt", Encoding.UTF8.GetBytes(text)), TestContext.Current.CancellationToken);

        Assert.Equal(sentences.Split('|'), file);
        Assert.Equal(sentences.Split('|')[^1], file[file.Count - 1]);
    }

    /// <summary>Lines of all lengths, so that they begin and end anywhere within the blocks that are read.</summary>
    [Fact]
    public void LongFilesAreReadAtRandom()
    {
        IEnumerable<string> some = Enumerable.Range(0, 70_000).Select(i => $"{i} {new string('é', i % 50)}");
        string[] lines = [.. some, new string('x', 1 << 20), "", "end"];
        string path = folder.Make("s.txt", Encoding.UTF8.GetBytes(string.Join("\r\n", lines)));
        using SentenceFile file = new(path, TestContext.Current.CancellationToken);

        string[] sentences = [.. lines.Where(line => line.Length > 0)];
        Assert.Equal(sentences.Length, file.Count);
        Parallel.For(0, file.Count, i =>
        {
            int number = (int)(i * 7919L % sentences.Length);
            Assert.Equal(sentences[number], file[number]);
        });
    }

    [Fact]
    public void TheDigestTellsBytesApart()
    {
        string Digest(string text)
        {
            using SentenceFile file = new(folder.Make("s.txt", Encoding.UTF8.GetBytes(text)));
            return file.Digest;
        }

        Assert.Equal(Digest("a\nb\n"), Digest("a\nb\n"));
        Assert.NotEqual(Digest("a\nb\n"), Digest("b\na\n"));
    }

    [Fact]
    public void WhatIsNoFileOfSentencesIsOneLine()
    {
        void Throws(string name, byte[]? bytes, params string[] complaints)
        {
            string path = bytes is null ? folder[name] : folder.Make(name, bytes);
            OneLine.Throws(() => new SentenceFile(path), [path, .. complaints]);
        }

        Throws("none.txt", null, "there is no such file");
        Throws("empty.txt", [], "has no sentence");
        Throws("blank.txt", [.. "\n \n"u8], "has no sentence");
        Throws("latin.txt", [.. "a\n\nb\ncaf"u8, 0xe9, .. "\nc"u8], "line 4: it is not UTF-8");
        Throws("utf16.txt", [.. "a\nb\0c\0\n"u8], "line 2: it is not UTF-8");
        byte[] tooLong = [.. Enumerable.Repeat((byte)'x', (1 << 20) + 1)];
        Throws("long.txt", [.. "a\n"u8, .. tooLong, .. "\nb"u8], "line 2: it is longer than 1048576 bytes");
        Throws("longer.txt", [.. "a\nb\n"u8, .. new byte[5_000_000]], "line 3: it is longer than 1048576 bytes");
        OneLine.Throws(() => new SentenceFile(folder.Root), "it is a folder, a file is needed");
    }

    [Fact]
    public void AFileThatChangesIsSaid()
    {
        using SentenceFile file = new(folder.Make("s.txt", "abc\ndef\n"u8), TestContext.Current.CancellationToken);
        folder.Make("s.txt", [.. "ab"u8, 0xff, .. "\ndef"u8]);

        OneLine.Throws(() => _ = file[0], "s.txt was changed while it was used");
        Assert.Throws<ArgumentOutOfRangeException>(() => file[2]);
    }

    [Fact]
    public void ReadingItCanBeEnded() => Assert.ThrowsAny<OperationCanceledException>(
        () => new SentenceFile(folder.Make("s.txt", "a"u8), new CancellationToken(canceled: true)));
}
