using System.Globalization;
using DropoutLab.Auditing;
using DropoutLab.Storage;
using DropoutLab.Tests.Auditing;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Documentation;

/// <summary>docs/audit.md knows every array and every metadata key of a file, and the reader in it reads.</summary>
public sealed class AuditPageTests
{
    private static string Page => SourceTree.Read("docs", "audit.md");

    [Fact]
    public void EveryArrayAndEveryKeyIsThere()
    {
        SourceTree.Require();
        using TemporaryFolder folder = new();
        SafetensorsFile file = Audit(folder["step"], "convnet-quick", "standard:0.5");
        string[] layers = file.Metadata["layers"].Split(',');
        IEnumerable<string> names = file.Arrays.Select(array => array.Name)
            .Concat(file.Metadata.Keys.Where(key => !key.EndsWith(".layout", StringComparison.Ordinal)));

        foreach (string name in names.Append("NAME.layout"))
        {
            string[] parts = name.Split('.');
            Assert.Contains($"`{(layers.Contains(parts[0]) ? $"L.{parts[1]}" : name)}`", Page, StringComparison.Ordinal);
        }

        Assert.Contains($"`{AuditFile.Format}`", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void TheReaderRecomputesTheWeightGradientOfEveryLinearLayer()
    {
        SourceTree.Require();
        NumpyPython.Require();
        string[] reader = MarkdownPage.CodeBlock(Page, "python");
        using TemporaryFolder folder = new();
        File.WriteAllLines(folder["reader.py"], reader);
        Audit(folder["step"], "mlp", "forward:0.5");

        (int exitCode, string output) = NumpyPython.Run(folder["reader.py"], folder["step"]);

        Assert.True(exitCode == 0, output);
        string[][] lines = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))];
        Assert.Equal(["fc1", "fc2", "fc3"], lines.Select(line => line[0]));
        Assert.All(lines, line => Assert.InRange(double.Parse(line[1], CultureInfo.InvariantCulture), 0, 1e-5));
        Assert.InRange(reader.Length, 1, 25);
    }

    private static SafetensorsFile Audit(string path, string model, string rule)
    {
        CommandRun.Succeed(
            ["audit", "--model", model, "--dropout", rule, "--batch-size", "2", "--out", path, .. CommandRun.Small]);
        return SafetensorsFile.Read(path);
    }
}
