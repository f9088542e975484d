using DropoutLab.Backends;
using DropoutLab.Backends.Reference;
using DropoutLab.Classification;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Exchange;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Recipes;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Exchange;

/// <summary>Another program's results on exported files are the library's.</summary>
public sealed class OnnxExportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("mlp", false, 1, 7, 128)]
    [InlineData("logistic-regression", false, 1, 7, 128)]
    [InlineData("convnet-quick", false, 1, 7, 128)]
    [InlineData("resnet20", false, 1, 7)]
    [InlineData("resnet20", true, 1, 7)]
    public void ProbabilitiesOfBytesAreTheLibrarys(string model, bool folds, params int[] batches)
    {
        ImageShape image = new(32, 32, 3);
        Network network = ModelRecipe.Find(model).Create(image, 10);
        ImageBatches data = ImageBatches.MadeUp(image, 10, 128);
        using ParameterStore store = Perturbed(network);
        OnnxExport export = new(network, store)
        {
            Preparation = data.Preparation,
            ClassNames = ["first", "second"],
            GivesProbabilities = true,
            FoldsBatchNorm = folds,
        };
        export.Write(folder["model.onnx"]);

        using OnnxSession session = new(folder["model.onnx"]);
        Assert.Equal(("first", "second"), (session.Metadata["class/0"], session.Metadata["class/1"]));
        foreach (int batch in batches)
        {
            float[] actual = session.Run(
                OnnxExport.ProbabilitiesName,
                OnnxSession.Of("input", data.Images.Pixels[..(batch * 3072)].ToArray(), batch, 32, 32, 3));
            double[] logits = Output(network, store, batch, plan => plan.Load(data, Enumerable.Range(0, batch).ToArray()));
            Near(logits.Chunk(10).SelectMany(Softmax), actual);
        }
    }

    [Fact]
    public void FoldingLeavesNoNormalisationBehindAConvolution()
    {
        Network network = ModelRecipe.Find("resnet20").Create(new ImageShape(8, 8, 3), 10);
        using ParameterStore store = Perturbed(network);
        new OnnxExport(network, store).Write(folder["plain.onnx"]);
        new OnnxExport(network, store) { FoldsBatchNorm = true }.Write(folder["folded.onnx"]);
        int Norms(string file) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder[file])).Graph.Node
            .Count(node => node.OpType == "BatchNormalization");
        Assert.Equal((19, 0), (Norms("plain.onnx"), Norms("folded.onnx")));
    }

    /// <summary>Weights that two convolutions share cannot take either's normalisation.</summary>
    [Fact]
    public void SharedWeightsAreNotFolded()
    {
        Network network = new("shared", [new BatchInput("image", new Shape(5, 5, 2))], (builder, inputs) =>
        {
            Value weight = builder.Parameter(new("weight", new Shape(2, 2, 3, 3), 0.5));
            Value x = inputs["image"];
            foreach (string norm in (string[])["first", "second"])
                x = new BatchNorm(norm).Apply(builder, Operations.Convolution(x, weight, null, stride: 1, padding: 1));
            return new Dictionary<string, Value> { ["states"] = x };
        });
        using ParameterStore store = Perturbed(network);
        new OnnxExport(network, store) { FoldsBatchNorm = true }.Write(folder["shared.onnx"]);
        float[] values = Noise(50, seed: 6);

        using OnnxSession session = new(folder["shared.onnx"]);
        Near(Output(network, store, 1, plan => plan.Write("image", values), "states"),
            session.Run("states", OnnxSession.Of("image", values, 1, 5, 5, 2)));
    }

    /// <summary>Windows over the border, an image that is no square, two norms, two outputs, and every function.</summary>
    [Fact]
    public void ANetworkOfOnesOwnGivesWhatItGivesHere()
    {
        Network network = new("own", [new BatchInput("image", new Shape(9, 6, 2))], (builder, inputs) =>
        {
            Value x = new Conv2d("conv", 4, 3) { Padding = 1 }.Apply(builder, inputs["image"]);
            x = Operations.Relu(new BatchNorm("norm").Apply(builder, x));
            Value pooled = Operations.MaxPool(x, window: 3, stride: 2);
            Value second = Operations.Subsample(Operations.Gelu(x), stride: 2, channels: 7);
            Value averaged = Operations.AveragePool(Operations.TwoPass(pooled, pooled), window: 2, stride: 3);
            Value flat = new BatchNorm("flat").Apply(builder, Operations.Flatten(averaged));
            return new Dictionary<string, Value>
            {
                ["states"] = Operations.Scale(Operations.Add(second, second), 0.75),
                ["numbers"] = Operations.Tanh(new Linear("fc", 3) { HasBias = false }.Apply(builder, flat)),
                ["mean"] = Operations.GlobalAveragePool(x),
            };
        });
        using ParameterStore store = Perturbed(network);
        new OnnxExport(network, store).Write(folder["own.onnx"]);
        float[] values = Noise(5 * 108, seed: 3);

        using OnnxSession session = new(folder["own.onnx"]);
        foreach (string output in network.OutputCounts.Keys)
            Near(Output(network, store, 5, plan => plan.Write("image", values), output),
                session.Run(output, OnnxSession.Of("image", values, 5, 9, 6, 2)));
    }

    [Fact]
    public void ARegressionOnATableTakesItsRows()
    {
        const int Rows = 7, Columns = 4;
        float[] values = Array.ConvertAll(Noise(Rows * Columns, seed: 4), x => 100 + 5 * x);
        Table table = new(Columns, values, 2, Noise(Rows * 2, seed: 5));
        TableBatches data = new("rows", table, ColumnScaling.Of(table));
        Network network = new("regression", new Shape(Columns), 2, (builder, rows) =>
            new Linear("fc2", 2).Apply(builder, Operations.Relu(new Linear("fc1", 8).Apply(builder, rows))));
        using ParameterStore store = Perturbed(network);
        new OnnxExport(network, store) { Preparation = data.Preparation }.Write(folder["table.onnx"]);

        using OnnxSession session = new(folder["table.onnx"]);
        Near(Output(network, store, Rows, plan => plan.Load(data, Enumerable.Range(0, Rows).ToArray())),
            session.Run("output", OnnxSession.Of("input", table.Values.ToArray(), Rows, Columns)));
    }

    [Theory]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.First)]
    public void SentencesOfAnyLengthHaveTheirVectors(Pooling pooling)
    {
        EncoderShape shape = new(12, 2, 3, 20, 30, MaxPositions: 16);
        Network network = Bert.Sentences("encoder", shape, 6, pooling), states = Bert.HiddenStates("states", shape, 6);
        using ParameterStore store = Perturbed(network);
        OnnxExport.WriteEncoder(folder["encoder.onnx"], network, store);
        int[] lengths = [3, 6, 1], tokens = [.. Enumerable.Range(0, 18).Select(i => i % 6 < lengths[i / 6] ? 1 + i * 7 % 29 : 0)];
        void Write(NetworkPlan plan)
        {
            plan.Write(Bert.Tokens, tokens);
            plan.Write(Bert.Lengths, lengths);
        }

        double[] expected = Output(network, store, 3, Write), hidden = Output(states, store, 3, Write);
        using OnnxSession session = new(folder["encoder.onnx"]);
        Assert.Equal(["attention_mask", "input_ids", "token_type_ids"], session.Inputs.Order());
        float[] Run(string output, int batch, int sequence) => session.Run(
            output,
            OnnxSession.Of("input_ids", [.. Own(batch, sequence).Select(place => (long)tokens[place])], batch, sequence),
            OnnxSession.Of(
                "attention_mask", [.. Own(batch, sequence).Select(i => i % 6 < lengths[i / 6] ? 1L : 0)], batch, sequence),
            OnnxSession.Of("token_type_ids", new long[batch * sequence], batch, sequence));
        Near(expected, Run("sentence_embedding", 3, 6));
        Near(expected[..12], Run("sentence_embedding", 1, 4));
        float[] all = Run("last_hidden_state", 3, 6);
        for (int i = 0; i < lengths.Length; i++)
        {
            Range own = (i * 6 * 12)..((i * 6 + lengths[i]) * 12);
            Near(hidden[own], all[own]);
        }

        static IEnumerable<int> Own(int batch, int sequence) =>
            from row in Enumerable.Range(0, batch) from place in Enumerable.Range(0, sequence) select row * 6 + place;
    }

    [Fact]
    public void MaskedTokensKeepTheirOwnInputs()
    {
        EncoderShape shape = new(8, 1, 2, 12, 20, MaxPositions: 8);
        Network network = Bert.MaskedTokens("masked", shape, 5, places: 2);
        using ParameterStore store = Perturbed(network);
        new OnnxExport(network, store).Write(folder["masked.onnx"]);
        int[] tokens = [1, 2, 3, 0, 0, 4, 5, 6, 7, 8], lengths = [3, 5], places = [1, -1, 0, 4];
        double[] expected = Output(network, store, 2, plan =>
        {
            plan.Write(Bert.Tokens, tokens);
            plan.Write(Bert.Lengths, lengths);
            plan.Write(Bert.MaskedPositions, places);
        });
        using OnnxSession session = new(folder["masked.onnx"]);
        Near(expected, session.Run(
            Bert.Logits, OnnxSession.Of(Bert.Tokens, Array.ConvertAll(tokens, x => (long)x), 2, 5),
            OnnxSession.Of(Bert.Lengths, Array.ConvertAll(lengths, x => (long)x), 2),
            OnnxSession.Of(Bert.MaskedPositions, Array.ConvertAll(places, x => (long)x), 2, 2)));
    }

    [Fact]
    public void WhatHasNoCounterpartIsNamedAndNothingIsWritten()
    {
        Network network = new("own", new ImageShape(2, 2, 1), 4, (builder, x) => Operations.Flatten(Operations.ChannelNorm(
            x, Operations.BatchMean(x), builder.Parameter(new("a", new Shape(1), 0, InitialMean: 1)),
            builder.Parameter(new("b", new Shape(1), 1)), builder.Parameter(new("c", new Shape(1), 1)), 1e-5)));
        using ParameterStore store = Perturbed(network);
        OneLine.Throws(() => new OnnxExport(network, store).Write(folder["own.onnx"]), "BatchMean has no counterpart in ONNX");
        Assert.False(File.Exists(folder["own.onnx"]));
    }

    [Fact]
    public void TheCommandWritesARunOfImages()
    {
        string run = folder["run"];
        CommandRun.Succeed(
            ["train", "--model", "resnet8", "--epochs", "1", "--batch-size", "100", "--dropout", "backward:0.3", "--data-dir",
                TinyCifar.Make(folder), "--out", run, .. CommandRun.Small]);
        CommandRun.Succeed(["export", run, "--format", "onnx", "--fold-batch-norm", .. CommandRun.Small]);
        using ReferenceBackend backend = new(1);
        using Predictor predictor = Predictor.Open(run, backend);
        ImageSet images = ImageBatches.MadeUp(new ImageShape(32, 32, 3), 10, 3).Images;
        using OnnxSession session = new($"{run}.onnx");
        Assert.Equal("airplane", session.Metadata["class/0"]);
        Near(predictor.Predict(images, TestContext.Current.CancellationToken).ToArray(),
            session.Run(OnnxExport.ProbabilitiesName, OnnxSession.Of("input", images.Pixels.ToArray(), 3, 32, 32, 3)));

        CommandRun.Of("export", run, "--fold-batch-norm").FailsWith("--fold-batch-norm is for --format onnx");
        CommandRun.Of("export", run).FailsWith(run, "is no encoder of sentences: add --format onnx or safetensors");
        CommandRun.Of("export", run, "--format", "onnx", "--out", run).FailsWith(run, "is a folder, a file is needed");
        CommandRun.Of("export", run, "--format", "jpeg").FailsWith("there is no format 'jpeg'");
    }

    /// <summary>Weights of a seed; norms and running averages that are none of the initial ones.</summary>
    private static ParameterStore Perturbed(Network network)
    {
        ParameterStore store = new(network.Parameters, Precision.Float32);
        store.Initialise(seed: 1);
        foreach ((int i, Parameter parameter) in network.Parameters.Index().Where(one => one.Item.Shape.Rank == 1))
        {
            (double middle, double spread) = parameter.Name.EndsWith("variance", StringComparison.Ordinal) ? (6, 2)
                : parameter.InitialMean > 0 ? (1, 0.5) : (0, 0.3);
            store.Write(
                parameter.Name, ParameterArray.Value,
                Array.ConvertAll(Noise(parameter.Shape.Count, i), x => (float)(middle + spread * x)));
        }

        return store;
    }

    private static float[] Noise(int count, int seed)
    {
        System.Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
    }

    private static double[] Output(
        Network network, ParameterStore store, int batch, Action<NetworkPlan> fill, string? output = null)
    {
        using Backend backend = TestBackends.Fastest(1);
        using NetworkPlan plan = network.Build(batch, DropoutSettings.None, StatisticsSource.RunningAverage)
            .EvaluationPlan(backend, store);
        fill(plan);
        plan.Run();
        return plan.Output(output);
    }

    private static IEnumerable<double> Softmax(double[] logits)
    {
        double sum = logits.Sum(z => Math.Exp(z - logits.Max()));
        return logits.Select(z => Math.Exp(z - logits.Max()) / sum);
    }

    private static void Near(IEnumerable<double> expected, float[] actual)
    {
        double[] all = [.. expected];
        Assert.Equal(all.Length, actual.Length);
        Assert.Contains(all, number => Math.Abs(number) > 1e-3);
        for (int i = 0; i < all.Length; i++)
            Assert.Equal(all[i], actual[i], 1e-5);
    }
}
