using System.Globalization;
using System.Text;
using DropoutLab.Storage;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Data.Text;
using DropoutLab.Tests.Exchange;
using DropoutLab.Tests.Storage;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace DropoutLab.Tests.Documentation;

/// <summary>The commands and the program of docs/elsewhere.md do what it says.</summary>
public sealed class ElsewherePageTests : IDisposable
{
    private static readonly string[] Files =
    [
        "runs/clothes", "runs/encoder", "clothes.onnx", "encoder", "encoder.onnx", "vocab.txt", "sentences.txt", "vectors.npy",
        "step.safetensors", "clothes.safetensors", "runs/further",
        "runs/pictures", "pictures/test", "folder:pictures", "runs/houses", "houses.csv", "table:houses.csv",
        "clothes.yaml", "runs/sweep",
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WhatItShowsIsRun()
    {
        SourceTree.Require();
        string page = SourceTree.Read("docs", "elsewhere.md");
        ReadmeTests.MakeFashionMnist(folder);
        SmallVocabulary.Make(folder, "a", "cat", "dog", "sat", "ran");
        folder.Make("clothes.yaml", "recipe: {model: mlp, dataset: fashion-mnist}\nseeds: 1..3"u8);
        folder.Make("sentences.txt", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat("a cat sat\na dog ran", 40))));

        MakePictures();
        folder.Make("houses.csv", Encoding.UTF8.GetBytes("area,town,price\n" + string.Concat(
            Enumerable.Range(0, 20).Select(house => $"{50 + house},{(house % 2 == 0 ? "Ulm" : "Bonn")},{100 + 3 * house}\n"))));

        CommandRun[] runs = [.. MarkdownPage.CodeBlocks(page, "sh").SelectMany(lines => lines)
            .Select(command => CommandRun.Succeed(Arguments(command)))];
        OnnxSession.Prepare();
        StringWriter output = new(CultureInfo.InvariantCulture);
        new ElsewhereSample(output).Run(folder["clothes.onnx"]);

        Assert.StartsWith("the first of 2 images is most likely a ", output.ToString(), StringComparison.Ordinal);
        Assert.Superset(
            new HashSet<string?>(["config.json", "model.safetensors", "vocab.txt"]),
            Directory.GetFiles(folder["encoder"]).Select(Path.GetFileName).ToHashSet());
        Assert.Equal(128 + 80 * 128 * sizeof(float), new FileInfo(folder["vectors.npy"]).Length);
        Assert.Contains(runs, run => run.Lines.Contains("#SBATCH --array=0-2"));
        Assert.NotEmpty(SafetensorsFile.Read(folder["step.safetensors"]).Arrays);
    }

    [Fact]
    public void ItsProgramIsTheOneThatIsCompiled()
    {
        SourceTree.Require();
        (_, string[] body) = SourceTree.Sample("ElsewhereSample.cs");
        Assert.Equal(
            body.Select(line => line.Replace("new(path)", "new(\"clothes.onnx\")", StringComparison.Ordinal)),
            MarkdownPage.CodeBlock(SourceTree.Read("docs", "elsewhere.md"), "csharp"));
    }

    /// <summary>A command's, with files in the test's folder, and data from there.</summary>
    private string[] Arguments(string command)
    {
        string[] words = [.. command.Split(' ').Skip(1).Select(word => Files.Contains(word) ? InFolder(word) : word)];
        return words is ["train" or "sweep", ..] ? [.. words, "--data-dir", folder.Root] : words;
    }

    private string InFolder(string word) =>
        word.Split(':') is [string kind, string path] ? $"{kind}:{folder[path]}" : folder[word];

    private void MakePictures()
    {
        foreach (string place in (string[])["train/red", "train/blue", "test/red", "test/blue"])
        {
            using Image<Rgb24> picture = new(9, 8, place.EndsWith("red", StringComparison.Ordinal) ? Color.Red : Color.Blue);
            Directory.CreateDirectory(folder[$"pictures/{place}"]);
            picture.SaveAsPng(folder[$"pictures/{place}/1.png"]);
        }
    }
}
