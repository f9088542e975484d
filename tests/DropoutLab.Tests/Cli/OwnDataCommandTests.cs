using System.Globalization;
using System.Text;
using System.Text.Json;
using DropoutLab.Backends.Reference;
using DropoutLab.Classification;
using DropoutLab.Data.Images;
using DropoutLab.Runs;
using DropoutLab.Tests.Live;
using DropoutLab.Tests.Storage;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace DropoutLab.Tests.Cli;

/// <summary>Pictures and tables of one's own, trained on, evaluated and predicted.</summary>
[Collection(nameof(ClockTests))]
public sealed class OwnDataCommandTests : IDisposable
{
    private const string None = "none";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void PicturesAreLearnedAndPredictedInAnotherSize()
    {
        MakePictures();
        Train(
            $"folder:{folder["pictures"]}", "--model", "logistic-regression", "--image-size", "8", "--epochs", "20",
            "--batch-size", "5", "--validation", "0.25");

        JsonElement test = Json("evaluate", "--data-dir", folder["cache"]);
        JsonElement[] predicted =
        [
            .. Lines("predict", folder["pictures", "test"], "--format", "json")
                .Select(line => JsonDocument.Parse(line).RootElement),
        ];

        Assert.Equal((1.0, 6), (test.GetProperty("test_accuracy").GetDouble(), test.GetProperty("images").GetInt32()));
        Assert.Equal(
            ["blue", "blue", "blue", "red", "red", "red"], predicted.Select(one => one.GetProperty("class").GetString()));
        Assert.All(predicted, one => Assert.Equal(
            1, one.GetProperty("probabilities").EnumerateObject().Sum(entry => entry.Value.GetDouble()), 1e-6));
        Assert.StartsWith("file", Lines("predict", folder["pictures", "test", "red", "1.png"])[0], StringComparison.Ordinal);
        RunConfiguration run = RunConfiguration.Read(folder["run"]);
        Assert.Equal((8, 0.25), (run.ImageSize, run.Validation));
    }

    /// <summary>Of 20 pictures 15 are trained on, and 5 are evaluated after an epoch.</summary>
    [Fact]
    public void WhatIsValidatedOnIsNeitherTrainedOnNorTheTestSet()
    {
        MakePictures();
        ImageDataset all = new ImageFolder(folder["pictures"], 8).Read(folder["cache"], TestContext.Current.CancellationToken),
            held = all.HoldOut(0.25);

        Assert.Equal((15, 5), (held.Train.Count, held.Test.Count));
        Assert.Equal(
            Enumerable.Range(0, 20).Select(image => Convert.ToHexString(all.Train.Image(image))).Order(),
            Enumerable.Range(0, 15).Select(image => Convert.ToHexString(held.Train.Image(image)))
                .Concat(Enumerable.Range(0, 5).Select(image => Convert.ToHexString(held.Test.Image(image)))).Order());
        Assert.Contains(
            "none of them", Assert.Throws<DropoutLabException>(() => all.HoldOut(0.001)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATablesNumberIsPredictedWithItsSpread()
    {
        MakeTable();
        Train(
            $"table:{folder["table.csv"]}", "--model", "mlp", "--target", "y", "--objective", "mean-square-error", "--optimizer",
            "adamw", "--epochs", "2", "--dropout", "standard:0.2");

        JsonElement test = Json("evaluate");
        string[] csv = Lines("predict", folder["table.csv"], "--format", "csv");
        JsonElement drawn =
            JsonDocument.Parse(Lines("predict", folder["table.csv"], "--format", "json", "--monte-carlo", "4")[0]).RootElement;
        string[] same = Lines("predict", folder["table.csv"], "--format", "json", "--monte-carlo", "4", "--seed", "1");

        Assert.Equal(20, test.GetProperty("rows").GetInt32());
        Assert.Equal(101, csv.Length);
        Assert.Equal("file,row,y", csv[0].Trim());
        Assert.True(drawn.GetProperty("standard_deviation").GetDouble() > 0);
        Assert.Equal(drawn.ToString(), same[0]);
        using ReferenceBackend backend = new();
        using Predictor predictor = Predictor.Open(folder["run"], backend);
        double[] own = predictor
            .Predict(predictor.Columns!.Read(folder["table.csv"]), TestContext.Current.CancellationToken).ToArray();
        Assert.Equal(own, csv[1..].Select(line => double.Parse(line.Split(',')[^1], CultureInfo.InvariantCulture)));
        File.Delete(folder["table.csv"]);
        Assert.True(predictor.PredictsNumbers); // The checkpoint says what it takes: the data are not needed.
    }

    [Fact]
    public void ATablesClassesAreTrainedOnAndARunGoesOnAtItsCheckpoint()
    {
        MakeTable();
        string table = $"table:{folder["table.csv"]}";
        Train(table, "--model", "logistic-regression", "--target", "sign", "--epochs", "1");
        CommandRun.Succeed(["train", "--resume", "--out", folder["run"], "--epochs", "1", .. CommandRun.Small]);

        CommandRun.Of(["train", "--resume", "--out", folder["run"], "--target", "kind", .. CommandRun.Small])
            .FailsWith("target", "sign");
        CommandRun.Of(["train", "--resume", "--out", folder["run"], "--validation", "0.5", .. CommandRun.Small])
            .FailsWith("validation", "0.5", None);
        Assert.Contains("\"rows\":20", CommandRun.Succeed("evaluate", folder["run"], "--json").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("table:nowhere.csv", "--target", "y", "nowhere.csv cannot be read: there is no such file")]
    [InlineData("fashion-mnist", "--target", "y", "--target: fashion-mnist has no columns")]
    [InlineData("fashion-mnist", "--image-size", "8", "--image-size: fashion-mnist has one size")]
    [InlineData("folder:nowhere", "--image-size", "8", "--dataset: there is no folder ")]
    [InlineData("nothing", "--image-size", "8", "or one's own, folder:DIR or table:FILE.csv")]
    [InlineData("fashion-mnist", "--validation", "1", "--validation: '1' is not a number in (0, 1)")]
    public void WhatDoesNotFitIsOneLine(string dataset, string option, string value, string expected) =>
        CommandRun.Of("train", "--dataset", dataset, option, value, "--out", folder["run"]).FailsWith(expected);

    [Fact]
    public void ATableIsNoImages()
    {
        MakeTable();
        string table = $"table:{folder["table.csv"]}";
        CommandRun.Of("train", "--dataset", table, "--target", "sign", "--model", "convnet-quick", "--out", folder["run"])
            .FailsWith("--model: ", "choose mlp or logistic-regression");
        CommandRun.Of(
            "train", "--dataset", table, "--target", "sign", "--model", "mlp", "--augment", "flip", "--out", folder["run"])
            .FailsWith("--augment: rows of a table are not augmented");
        CommandRun.Of("train", "--dataset", table, "--model", "mlp", "--out", folder["run"])
            .FailsWith("needs a target, the name of the column to predict");
        Assert.False(Directory.Exists(folder["run"]));
    }

    private void Train(string dataset, params string[] options) => CommandRun.Succeed(
        ["train", "--dataset", dataset, "--out", folder["run"], "--data-dir", folder["cache"], .. options, .. CommandRun.Small]);

    private string[] Lines(string command, params string[] options) =>
        [.. CommandRun.Succeed([command, folder["run"], .. options]).Lines];

    private JsonElement Json(string command, params string[] options) =>
        JsonDocument.Parse(Lines(command, [.. options, "--json"])[0]).RootElement;

    /// <summary>y is three times the number, and more for one of the categories.</summary>
    private void MakeTable() => folder.Make("table.csv", Encoding.UTF8.GetBytes("x,kind,y,sign\n" + string.Concat(
        Enumerable.Range(0, 100).Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"{row - 50},{(row % 2 == 0 ? "even" : "odd")},{3 * row + row % 2},{(row < 50 ? "minus" : "plus")}\n")))));

    private void MakePictures()
    {
        System.Random random = new(1);
        foreach ((string part, int count) in new[] { ("train", 10), ("test", 3) })
        {
            for (int i = 0; i < count; i++)
            {
                Make($"{part}/red/{i}.png", new Rgb24(220, (byte)random.Next(60), (byte)random.Next(60)));
                Make($"{part}/blue/{i}.png", new Rgb24((byte)random.Next(60), (byte)random.Next(60), 220));
            }
        }

        void Make(string name, Rgb24 colour)
        {
            using Image<Rgb24> image = new(10, 12, colour);
            Directory.CreateDirectory(Path.GetDirectoryName(folder[$"pictures/{name}"])!);
            image.SaveAsPng(folder[$"pictures/{name}"]);
        }
    }
}
