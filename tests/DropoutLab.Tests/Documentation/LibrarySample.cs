using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Classification;
using DropoutLab.Data;
using DropoutLab.Data.Text;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Recipes;
using DropoutLab.Runs;
using DropoutLab.Sentences;
using DropoutLab.Training;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Documentation;

/// <summary>
/// The programs in docs/library.md, one behind the other: the directives above, the lines of <see cref="Run"/> and the learning
/// rate. There they write to the console, here to what stands in for it.
/// </summary>
internal sealed class LibrarySample(TextWriter Console)
{
    public void Run(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        using Backend backend = BackendCatalog.Create("auto", threads: null, out string? advice);

        static Table Rings(int count, int seed)
        {
            float[] values = new float[2 * count];
            int[] labels = new int[count];
            System.Random random = new(seed);
            for (int row = 0; row < count; row++)
            {
                labels[row] = row % 2;
                double angle = random.NextDouble() * Math.Tau, radius = 1 + labels[row] + 0.5 * random.NextDouble();
                (values[2 * row], values[2 * row + 1]) = ((float)(radius * Math.Cos(angle)), (float)(radius * Math.Sin(angle)));
            }

            return new Table(columns: 2, values, labels);
        }

        TrainingData data = Table.Batches("rings", train: Rings(2000, seed: 1), test: Rings(500, seed: 2)) with
        {
            ClassNames = ["inner", "outer"],
        };
        Network network = Mlp.Create(new Shape(2), outputCount: 2, 64, 64);
        TrainingOptions options =
            ModelRecipe.Find("mlp").Default.Options with { Dropout = new(DropoutRule.Standard(0.1)), LearningRate = 0.1 };
        using Trainer trainer = new(network, new CrossEntropy(LabelSmoothing: 0.05), data, options, backend);
        while (!trainer.IsFinished)
            trainer.RunEpoch();
        Console.WriteLine($"test accuracy {trainer.Evaluate(data.Test)[CrossEntropy.Accuracy]:f3}");

        static Table Sine(int count, int seed)
        {
            System.Random random = new(seed);
            float[] angles = [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * Math.Tau))];
            return new Table(columns: 1, angles, targetColumns: 1, targets: Array.ConvertAll(angles, MathF.Sin));
        }

        TrainingOptions adam =
            new() { Optimizer = new AdamW(weightDecay: 1e-4), LearningRate = 0.01, BatchSize = 50, Epochs = 20 };
        using Trainer regression = new(
            Mlp.Create(new Shape(1), outputCount: 1, 64, 64), new MeanSquareError(),
            Table.Batches("sine", Sine(1000, 1), Sine(200, 2)), adam, backend);
        while (!regression.IsFinished)
            regression.RunEpoch();
        Console.WriteLine($"mean square error {regression.Evaluate(regression.Data.Test)[Objective.Loss]:f4}");

        Network twoHeads = new("two-heads", [new BatchInput(Network.InputName, new Shape(2))], (builder, inputs) =>
        {
            Value h = Relu(new Linear("fc1", Outputs: 64).Apply(builder, inputs[Network.InputName]));
            Value early = new Linear("early", Outputs: 2).Apply(builder, h);
            Value main = new Linear("fc3", Outputs: 2).Apply(builder, Relu(new Linear("fc2", Outputs: 64).Apply(builder, h)));
            return new Dictionary<string, Value> { ["main"] = main, ["early"] = early };
        });
        using Trainer deeplySupervised = new(twoHeads, new WithEarlyLogits(0.3), data, options, backend);
        deeplySupervised.RunEpoch();

        Network tiny = Mlp.Create(new Shape(3), outputCount: 2, 4);
        StepInput minibatch = MadeUpInput.Minibatch(tiny, batchSize: 2, seed: 1);
        using Backend reference = BackendCatalog.Create("reference", threads: 1, out _);
        foreach (DropoutRule rule in new[] { DropoutRule.Standard(0.5), DropoutRule.Forward(0.5), DropoutRule.Backward(0.5) })
        {
            LayerAudit layer = StepAudit.Run(tiny, new DropoutSettings(rule), minibatch, reference, Precision.Float64).Layers[1];
            Console.WriteLine(
                $"{rule}: F {string.Join(' ', layer.ForwardFactor.Values)}, B {string.Join(' ', layer.BackwardFactor.Values)}");
        }

        IReadOnlyDictionary<string, double[]> eight = data.Train.Read(Enumerable.Range(0, 8).ToArray());
        int[] labels = Array.ConvertAll(eight[CrossEntropy.Labels], label => (int)label);
        var parameters = network.Parameters.ToDictionary(
            parameter => parameter.Name, parameter => trainer.Parameters.Read(parameter.Name, ParameterArray.Value));
        StepAudit audit = StepAudit.Run(
            network, options.Dropout, new StepInput(eight[Network.InputName], labels, Seed: 1, Step: 0, parameters), backend,
            Precision.Float32);
        Console.WriteLine(
            $"loss {audit.Loss:f4}, of {audit.Layers[2].Name} ∂J/∂W₀₀ = {audit.Layers[2].WeightGradient.Values[0]:g3}");

        AuditFile.Write(path, audit);
        StepAudit again = StepAudit.Replay(AuditFile.Read(path), network, backend);
        Console.WriteLine($"arrays that differ: {AuditFile.Differing(audit, again).Count}");

        Network variant = new("variant", new ImageShape(8, 8, 1), 2, (builder, images) =>
        {
            Value h = Relu(new Conv2d("conv1", OutputChannels: 8, KernelSize: 3).Apply(builder, images));
            if (builder.IsTraining)
            {
                Value channels = DrawMask(
                    new MaskSource(Layer: 1000, Which: 0, DropProbability: 0.3, MaskSharing.Channel), h.Shape);
                Value features = DrawMask(
                    new MaskSource(Layer: 1000, Which: 1, DropProbability: 0.1, MaskSharing.PerDatum), h.Shape);
                h = TwoPass(Masked(h, channels), Masked(h, features));
            }

            return new Linear("fc1", Outputs: 2).Apply(builder, h);
        });

        const int BatchSize = 4;
        using ParameterStore store = new(network.Parameters, Precision.Float32);
        store.Initialise(seed: 1);
        BuiltNetwork built = network.Build(BatchSize, new DropoutSettings(DropoutRule.Forward(0.2)));
        using NetworkPlan plan = built.TrainingPlan(backend, store, new CrossEntropy());
        OptimizerStep update = backend.Compile(new AdamW { MaximumGradientNorm = 1 }, store);
        for (uint step = 0; step < 100; step++)
        {
            plan.Write(Network.InputName, (float[])[1, 0, 0, 1, -2, 0, 0, -2]);
            plan.Write(CrossEntropy.Labels, (int[])[0, 0, 1, 1]);
            plan.Run(seed: 1, step);
            update.Run(learningRate: 0.01, step);
        }

        Console.WriteLine($"loss {plan.Loss:f4}");

        DropoutSettings both = new(DropoutRule.Augmented(0.2, 0.1), Sites: ["fc2", "fc3"], MaskSharing.PerDatum);
        BuiltNetwork given = network.Build(BatchSize, both, masksAreInputs: true);
        using NetworkPlan fed = given.TrainingPlan(backend, store, new CrossEntropy());
        fed.Write(Network.InputName, (float[])[1, 0, 0, 1, -2, 0, 0, -2]);
        fed.Write(CrossEntropy.Labels, (int[])[0, 0, 1, 1]);
        foreach (WeightLayer layer in given.WeightLayers)
        {
            foreach (Value mask in layer.Masks)
                fed.Write(mask, Enumerable.Range(0, mask.Shape.Count).Select(element => element % 5 != 0).ToArray());
        }

        fed.Run();
        Console.WriteLine($"loss {fed.Loss:f4}");

        Checkpoint.Write(path, trainer);
        using (Predictor predictor = Predictor.Open(path, network, backend))
            Console.WriteLine($"P(inner) at (1, 0) = {predictor.Predict(new Table(2, (float[])[1, 0], new int[1])).Span[0]:f3}");

        TrainingData more = Table.Batches("rings", train: Rings(4000, seed: 3), test: Rings(500, seed: 2));
        using Trainer further = new(network, new CrossEntropy(), more, options with { LearningRate = 0.01 }, backend);
        Checkpoint.RestoreParameters(path, further);
        further.RunEpoch();

        string[] words = ["a", "red", "blue", "old", "cat", "dog", "bird", "runs", "sleeps", "sings"];
        string[] sentences =
            [.. from colour in words[1..4] from animal in words[4..7] from verb in words[7..] select $"a {colour} {animal} "
                + $"{verb}"];
        File.WriteAllLines($"{folder}/vocab.txt", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. words]);
        Vocabulary vocabulary = Vocabulary.Read($"{folder}/vocab.txt");
        EncoderShape shape = new(
            HiddenSize: 32, LayerCount: 2, HeadCount: 4, IntermediateSize: 64, VocabularySize: vocabulary.Count);
        Network encoder = Bert.Sentences("small", shape, maxTokens: 8, Pooling.Mean);
        SentenceBatches twice = new("sentences", sentences, vocabulary, maxTokens: 8, views: 2);
        TrainingOptions contrastive = new()
        {
            Dropout = new(DropoutRule.Standard(0.1), Bert.OwnSites, MaskSharing.PerDatum),
            BatchSize = 27,
            Epochs = 60,
            Optimizer = new AdamW(),
            LearningRate = 0.003,
            Schedule = new OneCycle(WarmUp: 0, StartDivisor: 1),
        };
        using Trainer simcse = new(
            encoder, new SimCse(Temperature: 0.05), new TrainingData("sentences", twice, twice), contrastive, backend);
        while (!simcse.IsFinished)
            simcse.RunEpoch();
        BertFolder.Write($"{folder}/small", shape, vocabulary, simcse.Parameters);

        using SentenceEncoder sentenceEncoder = SentenceEncoder.Open($"{folder}/small", backend);
        IReadOnlyList<float[]> vectors = sentenceEncoder.Embed(
            ["a red cat sleeps", "a red cat runs", "a blue bird sings"], normalised: true);
        float Cosine(int i, int j) => vectors[i].Zip(vectors[j], (a, b) => a * b).Sum();
        Console.WriteLine($"one word apart {Cosine(0, 1):f3}, three words apart {Cosine(0, 2):f3}");
    }

    public sealed record WithEarlyLogits(double Weight) : Objective
    {
        private static readonly CrossEntropy Main = new(Logits: "main"), Early = new(Logits: "early");

        public override string Name => "with-early-logits";

        public override IReadOnlyList<BatchInput> Targets(IReadOnlyDictionary<string, Value> outputs) => Main.Targets(outputs);

        public override ObjectiveValues Apply(
            IReadOnlyDictionary<string, Value> outputs, IReadOnlyDictionary<string, Value> targets)
        {
            ObjectiveValues main = Main.Apply(outputs, targets), early = Early.Apply(outputs, targets);
            return main with { Loss = Add(main.Loss, Scale(early.Loss, Weight)) };
        }
    }

    public sealed record CosineDecay : LearningRateSchedule
    {
        public override double At(double baseRate, long step, long stepCount) =>
            baseRate * (1 + Math.Cos(Math.PI * step / stepCount)) / 2;
    }
}
