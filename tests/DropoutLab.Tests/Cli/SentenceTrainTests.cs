using System.Text;
using System.Text.Json;
using DropoutLab.Runs;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary><c>train --sentences</c> on a few made-up sentences.</summary>
public sealed class SentenceTrainTests : IDisposable
{
    private static readonly string[] Words = ["red", "green", "blue", "cat", "dog", "runs", "sleeps", "a", "the", "very"];

    private readonly TemporaryFolder folder = new();

    public SentenceTrainTests()
    {
        File.WriteAllText(Vocabulary, string.Join('\n', ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Words]) + "\n");
        System.Random random = new(5);
        string Sentence(int length) =>
            string.Join(' ', Enumerable.Range(0, length).Select(_ => Words[random.Next(Words.Length)]));
        File.WriteAllLines(Sentences, Enumerable.Range(0, 120).Select(i => Sentence(2 + i % 7)));
        File.WriteAllLines(Sts, Enumerable.Range(0, 8).Select(i => $"main\tx\t2015\t{i}\t{i % 6}.5\t{Sentence(3)}\t{Sentence(4)}")
            .Select(line => line.Replace("5.5", "5.0", StringComparison.Ordinal)));
    }

    private string Vocabulary => folder["vocab.txt"];

    private string Sentences => folder["sentences.txt"];

    private string Sts => folder["sts.csv"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("simcse")]
    [InlineData("masked-tokens")]
    public void ARunThatWasBrokenOffGoesOnToTheSameBytes(string objective)
    {
        string[] settings =
        [
            "train", "--model", "bert-tiny", "--vocabulary", Vocabulary, "--sentences", Sentences, "--objective", objective,
            "--sts", Sts, "--dropout", "standard:0.1", "--steps", "9", "--evaluate-every", "3", "--batch-size", "8",
            "--max-tokens", "8", "--threads", "1",
        ];
        CommandRun.Succeed([.. settings, "--out", folder["whole"]]);
        using CancellationTokenSource stop = new();
        using ActingWriter output = new("epoch 2/3", stop.Cancel);
        CommandRun broken = CommandRun.Of(output, stop.Token, [.. settings, "--out", folder["broken"]]);
        Assert.Equal(130, broken.ExitCode);
        Assert.Contains("interrupted after 2 of 3", broken.Error, StringComparison.Ordinal);
        CommandRun.Succeed("train", "--resume", "--out", folder["broken"]);

        Assert.Equal(
            File.ReadAllBytes(Checkpoint.PathIn(folder["whole"])), File.ReadAllBytes(Checkpoint.PathIn(folder["broken"])));
        string[] lines = File.ReadAllLines(Path.Combine(folder["broken"], MetricsFile.FileName));
        Assert.Equal(3, lines.Length);
        foreach (string name in "train_loss test_loss sts_spearman uniformity sentences_per_second learning_rate".Split(' '))
            Assert.True(JsonDocument.Parse(lines[2]).RootElement.TryGetProperty(name, out _), name);
        double[] scores = [.. lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("sts_spearman").GetDouble())];
        bool isLastBest = scores[2] > scores[..2].Max();
        Assert.Equal(isLastBest, SameWeights(folder["broken"]));
    }

    [Fact]
    public void ATrainedEncoderIsTrainedFurther()
    {
        CommandRun.Succeed(
            "train", "--model", "bert-tiny", "--vocabulary", Vocabulary, "--sentences", Sentences, "--objective",
            "masked-tokens", "--steps", "2", "--batch-size", "8", "--max-tokens", "8", "--out", folder["pretrained"]);
        CommandRun run = CommandRun.Succeed(
            "train", "--model", folder["pretrained"], "--sentences", Sentences, "--steps", "2", "--batch-size", "8",
            "--learning-rate", "1e-12", "--max-tokens", "8", "--out", folder["further"]);
        Assert.Contains("objective  simcse, temperature 0.05, pooling cls", run.Output, StringComparison.Ordinal);
        string embeddings = "embeddings.position_embeddings.weight";
        float[] Of(string name) =>
            [.. DropoutLab.Storage.SafetensorsFile.Read(Checkpoint.PathIn(folder[name])).Values<float>(embeddings, [512, 128])];
        Assert.All(Of("pretrained").Zip(Of("further")), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void WhatIsWrongIsOneLine()
    {
        string[] settings = ["train", "--model", "bert-tiny", "--sentences", Sentences, "--steps", "2", "--out", folder["run"]];
        CommandRun.Of(settings).FailsWith("bert-tiny needs", "--vocabulary vocab.txt");
        CommandRun.Of([.. settings, "--vocabulary", Vocabulary, "--objective", "cross-entropy"])
            .FailsWith("--objective", "cross-entropy is no objective of sentences", "simcse or masked-tokens");
        CommandRun.Of([.. settings, "--vocabulary", Sentences]).FailsWith(Sentences, "line ");
        CommandRun.Of([.. settings, "--vocabulary", Vocabulary, "--sts", Sentences])
            .FailsWith(Sentences, "line 1", "5th is the score");
        CommandRun.Of("train", "--model", "mlp", "--sentences", Sentences, "--out", folder["run"])
            .FailsWith("--model mlp", "sentences need an encoder", "bert-mini");
        CommandRun.Of("train", "--model", "mlp", "--objective", "simcse", "--out", folder["run"])
            .FailsWith("simcse is of sentences");
        CommandRun.Of("train", "--model", "mlp", "--steps", "5", "--out", folder["run"])
            .FailsWith("--steps is for sentences", "add --sentences FILE");
        CommandRun.Of([.. settings, "--vocabulary", Vocabulary, "--augment", "crop"]).FailsWith("--augment is for images");
        CommandRun.Of("train", "--objective", "mean-square-error", "--label-smoothing", "0.1", "--out", folder["run"])
            .FailsWith("--label-smoothing: ", "smoothed under cross-entropy; mean-square-error has none");
        File.WriteAllBytes(Sentences, [.. Encoding.UTF8.GetBytes("a cat\n"), 0xff, 0xfe, (byte)'\n']);
        CommandRun.Of([.. settings, "--vocabulary", Vocabulary]).FailsWith(Sentences, "line 2", "UTF-8");
        Assert.False(File.Exists(Path.Combine(folder["run"], RunConfiguration.FileName)));
    }

    [Fact]
    public void OtherSentencesUnderARunAreRefused()
    {
        string[] settings =
            ["train", "--model", "bert-tiny", "--vocabulary", Vocabulary, "--sentences", Sentences, "--steps", "2",
                "--batch-size", "8"];
        CommandRun.Succeed([.. settings, "--out", folder["run"]]);
        File.WriteAllLines(Sentences, File.ReadAllLines(Sentences).Reverse());
        CommandRun.Of("train", "--resume", "--out", folder["run"]).FailsWith("holds a run", "on other data", "digest");
    }

    private static bool SameWeights(string run)
    {
        IReadOnlyList<DropoutLab.Storage.NamedArray> Of(string name) =>
            DropoutLab.Storage.SafetensorsFile.Read(Path.Combine(run, name)).Arrays;
        return Of(Checkpoint.FileName).Zip(Of(Checkpoint.BestName)).All(pair =>
            pair.First.Name == pair.Second.Name && pair.First.Values<float>().SequenceEqual(pair.Second.Values<float>()));
    }
}
