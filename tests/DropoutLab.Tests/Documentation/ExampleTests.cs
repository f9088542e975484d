using DropoutLab.Backends;
using DropoutLab.Data.Text;
using DropoutLab.Models;
using DropoutLab.Tests.Data.Text;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Documentation;

/// <summary>The programs in examples/, each run as its first lines say, in a folder of the test's own.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EachIsShortAndRunHere()
    {
        SourceTree.Require();
        string[] examples = [.. SourceTree.Files("examples", "*.cs").Order(StringComparer.Ordinal)];
        Assert.Equal(
            ["classifier.cs", "embed.cs", "rule.cs", "sweep.cs", "table.cs", "uncertainty.cs"],
            examples.Select(Path.GetFileName));
        Assert.All(examples, example => Assert.InRange(File.ReadAllLines(example).Length, 1, 60));
    }

    [Fact]
    public void AClassifierUnderForwardDropout()
    {
        ReadmeTests.MakeFashionMnist(folder);

        Assert.Matches(@"epoch 2: train loss \d\.\d{4}, test accuracy (0\.[89]|1\.0)", Run("classifier.cs", folder.Root));
        Assert.True(File.Exists(folder["classifier.safetensors"]));
    }

    [Fact]
    public void NumbersOfATable() => Assert.Matches(@"^mean square error 0\.00\d\d s²", Run("table.cs"));

    [Fact]
    public void UncertaintyAsAPicture()
    {
        Assert.Matches(@"^accuracy (0\.9\d\d|1\.000), ", Run("uncertainty.cs", folder["picture.svg"]));
        Assert.Equal(3600, File.ReadAllText(folder["picture.svg"]).Split("<rect ").Length - 1);
    }

    [Fact]
    public void ARuleOfOnesOwn() => Assert.Matches(@"^test accuracy (0\.[89]\d\d|1\.000)", Run("rule.cs"));

    [Fact]
    public void SentencesToVectors()
    {
        Vocabulary vocabulary = SmallVocabulary.Of("a", "cat", "dog", "sat", "ran");
        EncoderShape shape = new(
            HiddenSize: 8, LayerCount: 1, HeadCount: 2, IntermediateSize: 16, VocabularySize: vocabulary.Count);
        using ParameterStore store = new(
            Bert.HiddenStates("tiny", shape, maxTokens: 8).Parameters, Precision.Float32);
        store.Initialise(seed: 1);
        BertFolder.Write(folder["model"], shape, vocabulary, store);

        string[] lines = Run("embed.cs", folder["model"], "a cat sat", "a dog ran", "a cat sat").Split('\n');
        Assert.Equal(" 1.000  a cat sat", lines[0]);
        Assert.EndsWith("  a dog ran", lines[1], StringComparison.Ordinal);
        Assert.Equal("8 numbers a sentence", lines[2]);
    }

    [Fact]
    public void ASweepWithItsStatistics()
    {
        string[] lines = Run("sweep.cs", "2").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("none ", lines[0], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
        Assert.All(lines[1..], line => Assert.EndsWith("n = 2)", line, StringComparison.Ordinal));
    }

    private string Run(string example, params string[] arguments)
    {
        SourceTree.Require();
        return new DotnetCommand(folder.Root).Run(
            ["run", "-c", "Release", SourceTree.PathOf("examples", example), "--", .. arguments]);
    }
}
