using System.Globalization;
using DropoutLab.Tests.Live;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Documentation;

/// <summary>
/// The programs in docs/library.md are those that are compiled here, and do what the page says: alone, for small networks on all
/// processors take many times as long beside others.
/// </summary>
[Collection(nameof(ClockTests))]
public sealed class LibraryPageTests
{
    [Fact]
    public void TheProgramsAreThoseThatAreCompiled()
    {
        SourceTree.Require();
        string[][] blocks = [.. MarkdownPage.CodeBlocks(SourceTree.Read("docs", "library.md"), "csharp")];
        string sample = SourceTree.Read("tests", "DropoutLab.Tests", "Documentation", "LibrarySample.cs");

        Assert.True(blocks.Length >= 8);
        Assert.All(
            blocks[0].Where(line => line.Length > 0), line => Assert.Contains($"{line}\n", sample, StringComparison.Ordinal));
        Assert.All(blocks.Skip(1), block => Assert.True(
            sample.Contains(Indented(block, 8), StringComparison.Ordinal)
                || sample.Contains(Indented(block, 4), StringComparison.Ordinal),
            string.Join('\n', block)));
    }

    [Fact]
    public void TheProgramsDoWhatThePageSays()
    {
        using TemporaryFolder folder = new();
        StringWriter output = new(CultureInfo.InvariantCulture);

        new LibrarySample(output).Run(Path.Combine(folder.Root, "rings.safetensors"));

        string[] lines = output.ToString().Split(output.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(11, lines.Length);
        Assert.InRange(NumberBehind("test accuracy ", lines[0]), 0.95, 1);
        Assert.InRange(NumberBehind("mean square error ", lines[1]), 0, 0.01);
        (string[] forward, string[] backward)[] factors = [.. lines[2..5].Select(Factors)];
        Assert.Equal(factors[0].forward, factors[0].backward);
        Assert.Equal(["0", "2"], factors[0].forward.Order().Distinct());
        Assert.Equal(
            (factors[0].forward, (string[])["1"]), (factors[1].forward, [.. factors[1].backward.Distinct()]), EqualPairs);
        Assert.Equal(
            ((string[])["1"], factors[0].forward), ([.. factors[2].forward.Distinct()], factors[2].backward), EqualPairs);
        Assert.Matches(@"^loss \d\.\d{4}, of fc3 ∂J/∂W₀₀ = -?\d", lines[5]);
        Assert.Equal("arrays that differ: 0", lines[6]);
        Assert.InRange(NumberBehind("loss ", lines[7]), 0, 0.2);
        Assert.InRange(NumberBehind("loss ", lines[8]), 0, 0.2);
        Assert.InRange(NumberBehind("P(inner) at (1, 0) = ", lines[9]), 0.9, 1);
        double[] cosines =
            [.. lines[10].Split(", ").Select(part => double.Parse(part.Split(' ')[^1], CultureInfo.InvariantCulture))];
        Assert.True(cosines[0] > cosines[1] + 0.2, lines[10]);
    }

    private static bool EqualPairs((string[] First, string[] Second) a, (string[] First, string[] Second) b) =>
        a.First.SequenceEqual(b.First) && a.Second.SequenceEqual(b.Second);

    private static string Indented(string[] lines, int by) =>
        string.Concat(lines.Select(line => line.Length == 0 ? "\n" : $"{new string(' ', by)}{line}\n"));

    private static double NumberBehind(string words, string line)
    {
        Assert.StartsWith(words, line, StringComparison.Ordinal);
        return double.Parse(line[words.Length..].Split(',')[0], CultureInfo.InvariantCulture);
    }

    private static (string[] Forward, string[] Backward) Factors(string line)
    {
        string[] parts = line.Split(": F ")[1].Split(", B ");
        return (parts[0].Split(' '), parts[1].Split(' '));
    }
}
