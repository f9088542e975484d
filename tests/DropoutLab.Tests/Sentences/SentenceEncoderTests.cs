using System.Text;
using System.Text.Json;
using DropoutLab.Backends.Reference;
using DropoutLab.Sentences;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Data.Text;
using DropoutLab.Tests.Exchange;
using DropoutLab.Tests.Storage;
using Microsoft.Extensions.AI;

namespace DropoutLab.Tests.Sentences;

/// <summary>A run's encoder, opened, evaluated, asked for vectors, and taken elsewhere.</summary>
public sealed class SentenceEncoderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string run, sentences, sts;

    public SentenceEncoderTests()
    {
        string[] words = ["red", "blue", "cat", "dog", "runs"];
        string vocabulary = SmallVocabulary.Make(folder, words);
        sentences = folder.Make("sentences.txt", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 60).Select(i =>
            $"{words[i % 2]} {words[2 + i % 2]} {(i % 3 == 0 ? words[4] : words[i % 5])}"))));
        sts = folder.Make("sts.csv", "a\tb\tc\t1\t5.0\tred cat\tred cat\na\tb\tc\t2\t1.0\tred cat runs\tblue dog\n"u8);
        run = folder["run"];
        CommandRun.Succeed(
            "train", "--model", "bert-tiny", "--vocabulary", vocabulary, "--sentences", sentences, "--steps", "2",
            "--batch-size", "4", "--max-tokens", "8", "--pooling", "mean", "--out", run);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task ItEmbedsAloneOrAmongOthersAndAsAGenerator()
    {
        using ReferenceBackend backend = new(1);
        using SentenceEncoder encoder = SentenceEncoder.Open(run, backend);
        IReadOnlyList<float[]> all = encoder.Embed(["red cat", "a blue dog runs", ""], normalised: true, Stop);
        Assert.All(all, row => Assert.Equal(1, Math.Sqrt(row.Sum(number => number * number)), 1e-6));
        float[] alone = Assert.Single(encoder.Embed(["a blue dog runs"], cancellation: Stop));
        double length = Math.Sqrt(alone.Sum(number => number * number));
        Assert.All(alone.Zip(all[1]), pair => Assert.Equal(pair.First / length, pair.Second, 1e-6));
        IEmbeddingGenerator<string, Embedding<float>> generator = encoder;
        Assert.Equal(alone, (await generator.GenerateAsync(["a blue dog runs"], cancellationToken: Stop))[0].Vector.ToArray());
        Assert.Equal(128, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
    }

    [Fact]
    public void TheCommandsAgreeOnARunAndOnWhatItExports()
    {
        string exported = folder["exported"], file = folder["rows.npy"];
        CommandRun.Succeed(["export", run, "--out", exported, .. CommandRun.Small]);
        string[] of = ["--sts", sts, "--json", .. CommandRun.Small];
        string ofRun = CommandRun.Succeed(["evaluate", run, .. of]).Output;
        Assert.Equal(ofRun, CommandRun.Succeed(["evaluate", exported, .. of]).Output);
        JsonElement result = JsonDocument.Parse(ofRun).RootElement;
        Assert.Equal(("sts.csv", 2), (result.GetProperty("sts").GetString(), result.GetProperty("pairs").GetInt32()));
        Assert.InRange(result.GetProperty("spearman").GetDouble(), -1, 1);
        Assert.Equal(0, result.GetProperty("alignment").GetDouble(), 1e-9);
        CommandRun.Succeed(["embed", exported, "--sentences", sentences, "--out", file, "--normalize", .. CommandRun.Small]);
        Assert.Equal(128 + 60 * 128 * sizeof(float), new FileInfo(file).Length);
    }

    [Fact]
    public void TheCommandWritesAnEncoderThatOtherProgramsRun()
    {
        CommandRun.Succeed(["export", run, "--format", "onnx", "--out", folder["encoder.onnx"], .. CommandRun.Small]);
        using ReferenceBackend backend = new(1);
        using SentenceEncoder encoder = SentenceEncoder.Open(run, backend);
        using OnnxSession session = new(folder["encoder.onnx"]);
        long[] redCatBetweenClsAndSep = [2, 5, 7, 3]; // lines of the vocabulary, from 0, behind the five special ones
        float[] embedding = session.Run(
            "sentence_embedding", OnnxSession.Of("input_ids", redCatBetweenClsAndSep, 1, 4),
            OnnxSession.Of("attention_mask", [1L, 1, 1, 1], 1, 4), OnnxSession.Of("token_type_ids", new long[4], 1, 4));
        Assert.All(
            Assert.Single(encoder.Embed(["red cat"], cancellation: Stop)).Zip(embedding),
            pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void WhatIsWrongIsOneLine()
    {
        CommandRun.Of("evaluate", run).FailsWith("is a run on sentences", "add --sts FILE");
        CommandRun.Of("evaluate", run, "--sts", sentences).FailsWith(sentences, "line 1");
        CommandRun.Of("evaluate", folder["nowhere"], "--sts", sts).FailsWith("nowhere");
        CommandRun.Of("export", run, "--out", run).FailsWith("holds a model already");
        CommandRun.Of("embed", run, "--sentences", folder["none.txt"]).FailsWith("none.txt");
    }
}
