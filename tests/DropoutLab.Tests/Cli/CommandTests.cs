using System.Text.Json;
using DropoutLab.Runs;
using DropoutLab.Tests.Data.Text;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Cli;

public sealed class CommandTests
{
    private static readonly string[] BenchNames =
    [
        "model", "dropout", "dropout_at", "mask_sharing", "precision", "backend", "batch_size", "threads", "median_ms", "p10_ms",
        "p90_ms", "images_per_second", "allocated_bytes_per_step", "ratio", "arena_bytes", "bytes_for_gradients",
    ];

    [Fact]
    public void EvaluateFindsWhatTheLastEpochFound()
    {
        using TemporaryFolder folder = new();
        string data = TinyCifar.Make(folder);
        CommandRun.Succeed(["train", "--model", "mlp", "--epochs", "2", "--batch-size", "50", "--data-dir", data, "--out",
            folder["run"], "--threads", "1"]);
        EpochMetrics last = MetricsFile.Read(folder["run"])[^1];

        JsonElement result = JsonDocument.Parse(
            CommandRun.Succeed("evaluate", folder["run"], "--data-dir", data, "--json").Output).RootElement;
        CommandRun text = CommandRun.Succeed("evaluate", folder["run"], "--data-dir", data);

        Assert.Equal(last.TestAccuracy, result.GetProperty("test_accuracy").GetDouble());
        Assert.Equal(last.TestLoss, result.GetProperty("test_loss").GetDouble());
        Assert.Equal((2, TinyCifar.TestCount), (result.GetProperty("epoch").GetInt32(), result.GetProperty("images").GetInt32()));
        Assert.Contains("after epoch 2 of 2", text.Output, StringComparison.Ordinal);
        Assert.Contains($"{last.TestAccuracy:f4}", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void BenchPrintsAnObjectARuleWithExactlyTheNamesThatScriptsLeanOn()
    {
        CommandRun run = CommandRun.Succeed(
            ["bench", "--model", "logistic-regression", "--batch-size", "8", "--dropout", "none", "standard:0.5", "--dropout",
                "augmented:0.3/0.1", "--steps", "7", "--warm-up", "1", "--json", .. CommandRun.Small]);

        JsonElement[] results = [.. run.Lines.Select(line => JsonDocument.Parse(line).RootElement)];

        Assert.Equal(
            ["none", "standard:0.5", "augmented:0.3/0.1"], results.Select(result => result.GetProperty("dropout").GetString()));
        Assert.All(results, result => Assert.Equal(BenchNames, result.EnumerateObject().Select(property => property.Name)));
        double first = results[0].GetProperty("median_ms").GetDouble();
        Assert.All(results, result =>
        {
            double median = result.GetProperty("median_ms").GetDouble();
            Assert.InRange(median, result.GetProperty("p10_ms").GetDouble(), result.GetProperty("p90_ms").GetDouble());
            Assert.Equal(8000 / median, result.GetProperty("images_per_second").GetDouble(), 1e-6);
            Assert.Equal(median / first, result.GetProperty("ratio").GetDouble(), 1e-9);
            Assert.Equal((8, 1), (result.GetProperty("batch_size").GetInt32(), result.GetProperty("threads").GetInt32()));
        });
    }

    [Fact]
    public void BenchTakesSentencesOfAFile()
    {
        using TemporaryFolder folder = new();
        string vocabulary = SmallVocabulary.Make(folder, "a", "cat", "dog");
        string sentences = folder.Make("s.txt", "a cat\na dog a\ncat\n"u8);
        string[] bench =
            ["bench", "--model", "bert-tiny", "--sentences", sentences, "--vocabulary", vocabulary, "--max-tokens", "4",
                "--dropout", "none", "standard:0.1", "--steps", "2", "--warm-up", "0", "--json", .. CommandRun.Small];

        JsonElement[] results =
            [.. CommandRun.Succeed([.. bench, "--batch-size", "3"]).Lines.Select(line => JsonDocument.Parse(line).RootElement)];

        string[] ofSentences = ["sentences_per_second", "tokens"];
        string[] names = [.. BenchNames.SelectMany(name => name == "images_per_second" ? ofSentences : [name])];
        Assert.Equal(2, results.Length);
        Assert.All(results, result => Assert.Equal(names, result.EnumerateObject().Select(property => property.Name)));
        Assert.All(results, result => Assert.Equal(2 * (4 + 4 + 3), result.GetProperty("tokens").GetInt32()));
        Assert.Equal("embeddings,*.probabilities,*.residual", results[1].GetProperty("dropout_at").GetString());
        Assert.Equal(
            3000 / results[1].GetProperty("median_ms").GetDouble(),
            results[1].GetProperty("sentences_per_second").GetDouble(), 1e-6);
        CommandRun.Of([.. bench, "--batch-size", "4"]).FailsWith(sentences, "has 3 sentences, a step takes 4");
        CommandRun.Of([.. bench, "--objective", "cross-entropy"]).FailsWith("cross-entropy is no objective of sentences");
        CommandRun.Of("bench", "--model", "bert-tiny").FailsWith("bert-tiny", "add --sentences FILE");
        CommandRun.Of("bench", "--model", "mlp", "--pooling", "cls").FailsWith("--pooling is for sentences");
    }

    /// <summary>A rule of ratio 0 drops where a site has another; none does nowhere.</summary>
    [Fact]
    public void BenchComparesSharingsWhereASiteDrops()
    {
        CommandRun run = CommandRun.Succeed(
            ["bench", "--model", "mlp", "--batch-size", "4", "--dropout", "none", "standard:0", "--dropout-at", "fc2=0.2",
                "--mask-sharing", "per-datum", "per-minibatch", "--steps", "1", "--warm-up", "0", "--json", .. CommandRun.Small]);

        Assert.Equal(
            ["none all per-datum", "standard:0 fc2=0.2 per-datum", "standard:0 fc2=0.2 per-minibatch"],
            run.Lines.Select(line => JsonDocument.Parse(line).RootElement).Select(result =>
                $"{result.GetProperty("dropout")} {result.GetProperty("dropout_at")} {result.GetProperty("mask_sharing")}"));
    }

    [Fact]
    public void BenchShowsATableAndTheKernels()
    {
        CommandRun run = CommandRun.Succeed(
            ["bench", "--model", "logistic-regression", "--batch-size", "4", "--dropout", "none", "--steps", "2", "--profile",
                .. CommandRun.Small]);

        Assert.Contains(run.Lines,
            line => line.StartsWith("none ", StringComparison.Ordinal) && line.Contains("1.000", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.StartsWith("sum ", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public void InfoSaysWhatIsHereAndWhatAutoPicks()
    {
        CommandRun run = CommandRun.Succeed("info");

        foreach (string name in new[] { "DropoutLab", ".NET", "processor", "features", "oneDNN", "backend", "precision", "data" })
            Assert.Single(run.Lines, line => line.StartsWith(name + " ", StringComparison.Ordinal));
    }

    [Fact]
    public void DataListSaysWhereEachSetLies()
    {
        using TemporaryFolder folder = new();
        CommandRun without = CommandRun.Succeed("data", "list", "--data-dir", folder.Root);
        CommandRun with = CommandRun.Succeed("data", "list", "--data-dir", TinyCifar.Make(folder));

        Assert.Contains("dropoutlab data fetch cifar10", Assert.Single(without.Lines, IsCifar), StringComparison.Ordinal);
        Assert.EndsWith(folder["data"], Assert.Single(with.Lines, IsCifar).TrimEnd(), StringComparison.Ordinal);
        static bool IsCifar(string line) => line.StartsWith("cifar10 ", StringComparison.Ordinal);
    }

    [Fact]
    public void DataFetchFindsWhatIsAtHand()
    {
        using TemporaryFolder folder = new();
        string data = TinyCifar.Make(folder);

        Assert.Equal($"cifar10 is at hand: {data}\n", CommandRun.Succeed("data", "fetch", "cifar10", "--data-dir", data).Output);
    }

    /// <summary>It has no checksum to be held against, and nothing is asked of the network.</summary>
    [Fact]
    public void DataFetchDoesNotTakeADamagedFileForOneAtHand()
    {
        using TemporaryFolder folder = new();
        string data = TinyCifar.Make(folder);
        File.WriteAllBytes(Path.Combine(data, "test_batch.bin"), [1, 2, 3]);

        CommandRun.Of("data", "fetch", "cifar10", "--data-dir", data)
            .FailsWith(Path.Combine(data, "test_batch.bin"), "has 3 bytes", "delete it to have it downloaded again");
    }

    [Theory]
    [InlineData("data fetch cifar10")]
    [InlineData("train --model logistic-regression --epochs 1 --backend reference --threads 1 --out run")]
    [InlineData("audit --model logistic-regression --dataset cifar10 --out step.safetensors")]
    public void OtherImagesThanThePublishedOnesAreSaidToBeOthers(string line)
    {
        using TemporaryFolder folder = new();
        string data = TinyCifar.Make(folder);
        string[] args = [.. line.Split(' ').Select(word => word is "run" or "step.safetensors" ? folder[word] : word),
            "--data-dir", data];

        CommandRun run = CommandRun.Succeed(args);

        Assert.Equal(
            $"dropoutlab: {data} holds other files than the published ones of CIFAR-10: results are not results on that data "
                + "set; move them away to have those downloaded",
            Assert.Single(run.ForeignData));
        Assert.Equal("", run.Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--help")]
    [InlineData("train --help")]
    [InlineData("train --bogus --help")]
    [InlineData("data fetch --help")]
    public void HelpIsGivenInTheCommandsOwnName(string line)
    {
        CommandRun run = CommandRun.Succeed(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Contains("  dropoutlab ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("DropoutLab.Cli", run.Output, StringComparison.Ordinal);
        Assert.Equal("", run.Error);
    }

    [Fact]
    public void EveryOptionOfTrainingThatScriptsLeanOnIsThere()
    {
        string help = CommandRun.Succeed("train", "--help").Output;

        string[] options =
        [
            "model", "dataset", "dropout", "dropout-at", "mask-sharing", "epochs", "batch-size", "learning-rate", "seed",
            "precision", "threads", "backend", "data-dir", "out", "resume", "quiet",
        ];
        foreach (string option in options)
            Assert.Contains($"  --{option} ", help, StringComparison.Ordinal);
    }

    [Fact]
    public void VersionIsTheLibrarys() =>
        Assert.Matches(@"^dropoutlab \d+\.\d+\.\d+\n$", CommandRun.Succeed("--version").Output);
}
