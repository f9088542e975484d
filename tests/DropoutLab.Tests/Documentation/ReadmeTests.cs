using System.Globalization;
using DropoutLab.Tests.Data;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Documentation;

/// <summary>The program in README.md is the one that is compiled here, and it does what README.md says.</summary>
public sealed class ReadmeTests
{
    private const int Side = 28;
    private const int Classes = 10;

    [Fact]
    public void TheProgramIsTheOneThatIsCompiled()
    {
        SourceTree.Require();
        (string[] file, string[] body) = SourceTree.Sample("ReadmeSample.cs");
        string[] compiled =
        [
            .. file.Where(line => line.StartsWith("using ", StringComparison.Ordinal)),
            "",
            .. body,
        ];

        Assert.Equal(compiled, MarkdownPage.CodeBlock(SourceTree.Read("README.md"), "csharp"));
    }

    [Fact]
    public void TheProgramLearns()
    {
        using TemporaryFolder folder = new();
        MakeFashionMnist(folder);
        StringWriter output = new(CultureInfo.InvariantCulture);

        new ReadmeSample(output).Run([folder.Root]);

        string[] lines = output.ToString().Split(output.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^epoch 1: train loss \d\.\d{4}, test accuracy \d\.\d{4}$", lines[0]);
        Assert.Matches(@"^epoch 2: train loss \d\.\d{4}, test accuracy (0\.[89]\d{3}|1\.0000)$", lines[1]);
    }

    /// <summary>Files of its names and form, of few images that are easily told apart.</summary>
    internal static void MakeFashionMnist(TemporaryFolder folder)
    {
        Make(folder, "train", count: 1000);
        Make(folder, "t10k", count: 200);
    }

    /// <summary>Images that differ by where their bright bar lies, the bar's place being the class.</summary>
    private static void Make(TemporaryFolder folder, string name, int count)
    {
        byte[] labels = [.. Enumerable.Range(0, count).Select(image => (byte)(image * 7 % Classes))];
        IEnumerable<byte> pixels =
            from image in Enumerable.Range(0, count)
            from y in Enumerable.Range(0, Side)
            from x in Enumerable.Range(0, Side)
            select (byte)(y * Classes / Side == labels[image] ? 200 : (image + 3 * y + 5 * x) % 60);
        folder.Make($"{name}-images-idx3-ubyte", IdxBytes.Idx([count, Side, Side], pixels));
        folder.Make($"{name}-labels-idx1-ubyte", IdxBytes.Labels(labels));
    }
}
