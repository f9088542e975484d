using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Training;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Documentation;

/// <summary>
/// The programs in docs/library.md, one behind the other: the directives above, the lines of <see cref="Run"/> and the learning rate. There
/// they write to the console, here to what stands in for it.
/// </summary>
internal sealed class LibrarySample(TextWriter Console)
{
    public void Run(string path)
    {
        using Backend backend = BackendCatalog.Create("auto", threads: null, out string? advice);

        static ImageSet Rings(int count, int seed)
        {
            float[] values = new float[2 * count];
            byte[] labels = new byte[count];
            System.Random random = new(seed);
            for (int row = 0; row < count; row++)
            {
                labels[row] = (byte)(row % 2);
                double angle = random.NextDouble() * Math.Tau, radius = 1 + labels[row] + 0.5 * random.NextDouble();
                (values[2 * row], values[2 * row + 1]) = ((float)(radius * Math.Cos(angle)), (float)(radius * Math.Sin(angle)));
            }

            return ImageSet.OfTable(columns: 2, values, labels);
        }

        ImageDataset data = new("rings", ClassNames: ["inner", "outer"], Train: Rings(2000, seed: 1), Test: Rings(500, seed: 2));
        Network network = Mlp.Create(new ImageShape(1, 1, 2), classCount: 2, 64, 64);
        TrainingOptions options = ModelRecipe.Find("mlp").Defaults with { Dropout = new(DropoutRule.Standard(0.1)), LearningRate = 0.1 };
        using Trainer trainer = new(network, data, options, backend);
        while (!trainer.IsFinished)
            trainer.RunEpoch();
        Console.WriteLine($"test accuracy {trainer.Evaluate(data.Test).Accuracy:f3}");

        Network tiny = Mlp.Create(new ImageShape(1, 1, 3), classCount: 2, 4);
        StepInput minibatch = MadeUpInput.Minibatch(tiny, batchSize: 2, seed: 1);
        using Backend reference = BackendCatalog.Create("reference", threads: 1, out _);
        foreach (DropoutRule rule in new[] { DropoutRule.Standard(0.5), DropoutRule.Forward(0.5), DropoutRule.Backward(0.5) })
        {
            LayerAudit layer = StepAudit.Run(tiny, new DropoutSettings(rule), minibatch, reference, Precision.Float64).Layers[1];
            Console.WriteLine($"{rule}: F {string.Join(' ', layer.ForwardFactor.Values)}, B {string.Join(' ', layer.BackwardFactor.Values)}");
        }

        ImageSet rows = data.Train;
        double[] inputs = new double[8 * rows.ImageSize];
        for (int row = 0; row < 8; row++)
            trainer.Transform.Apply(rows.ImageValues(row), inputs.AsSpan(row * rows.ImageSize, rows.ImageSize));
        int[] labels = Array.ConvertAll(rows.Labels[..8].ToArray(), label => (int)label);
        var parameters = network.Parameters.ToDictionary(
            parameter => parameter.Name, parameter => trainer.Parameters.Read(parameter.Name, ParameterArray.Value));
        StepAudit audit = StepAudit.Run(
            network, options.Dropout, new StepInput(inputs, labels, Seed: 1, Step: 0, parameters), backend, Precision.Float32);
        Console.WriteLine($"loss {audit.Loss:f4}, of {audit.Layers[2].Name} ∂J/∂W₀₀ = {audit.Layers[2].WeightGradient.Values[0]:g3}");

        AuditFile.Write(path, audit);
        StepAudit again = StepAudit.Replay(AuditFile.Read(path), network, backend);
        Console.WriteLine($"arrays that differ: {AuditFile.Differing(audit, again).Count}");

        Network variant = new("variant", new ImageShape(8, 8, 1), 2, (builder, images) =>
        {
            Value h = Relu(new Conv2d("conv1", OutputChannels: 8, KernelSize: 3).Apply(builder, images));
            if (builder.IsTraining)
            {
                Value channels = DrawMask(new MaskSource(Layer: 1000, Which: 0, DropProbability: 0.3, MaskSharing.Channel), h.Shape);
                Value features = DrawMask(new MaskSource(Layer: 1000, Which: 1, DropProbability: 0.1, MaskSharing.PerDatum), h.Shape);
                h = TwoPass(Masked(h, channels), Masked(h, features));
            }

            return new Linear("fc1", Outputs: 2).Apply(builder, h);
        });

        const int BatchSize = 4;
        BuiltNetwork built = network.Build(BatchSize, new DropoutSettings(DropoutRule.Forward(0.2)));
        using ParameterStore store = new(network.Parameters, Precision.Float32);
        store.Initialise(seed: 1);
        using Plan plan = backend.Compile(PlanRequest.Train(built.Loss, [], store) with { Updates = built.Updates }, Precision.Float32);
        Sgd sgd = new(Momentum: 0.9, WeightDecay: 1e-4);
        for (uint step = 0; step < 100; step++)
        {
            plan.Write(built.Images, (float[])[1, 0, 0, 1, -2, 0, 0, -2]);
            plan.Write(built.Labels, (int[])[0, 0, 1, 1]);
            plan.Run(seed: 1, step);
            sgd.Step(store, backend, learningRate: 0.05);
        }

        Console.WriteLine($"loss {plan.ReadScalar(built.Loss):f4}");

        DropoutSettings both = new(DropoutRule.Augmented(0.2, 0.1), Sites: ["fc2", "fc3"], MaskSharing.PerDatum);
        BuiltNetwork given = network.Build(BatchSize, both, masksAreInputs: true);
        using Plan fed = backend.Compile(PlanRequest.Train(given.Loss, [], store) with { Updates = given.Updates }, Precision.Float32);
        fed.Write(given.Images, (float[])[1, 0, 0, 1, -2, 0, 0, -2]);
        fed.Write(given.Labels, (int[])[0, 0, 1, 1]);
        foreach (WeightLayer layer in given.WeightLayers)
        {
            foreach (Value mask in layer.Masks)
                fed.Write(mask, Enumerable.Range(0, mask.Shape.Count).Select(element => element % 5 != 0).ToArray());
        }

        fed.Run();
        Console.WriteLine($"loss {fed.ReadScalar(given.Loss):f4}");

        Checkpoint.Write(path, trainer);
        using (Predictor predictor = Predictor.Open(path, network, backend))
            Console.WriteLine($"P(inner) at (1, 0) = {predictor.Predict(ImageSet.OfTable(2, (float[])[1, 0], new byte[1])).Span[0]:f3}");

        using Trainer further = new(network, data with { Train = Rings(4000, seed: 3) }, options with { LearningRate = 0.01 }, backend);
        Checkpoint.RestoreParameters(path, further);
        further.RunEpoch();
    }

    public sealed record CosineDecay : LearningRateSchedule
    {
        public override double At(double baseRate, long step, long stepCount) =>
            baseRate * (1 + Math.Cos(Math.PI * step / stepCount)) / 2;
    }
}
