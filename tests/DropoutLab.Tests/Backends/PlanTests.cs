using System.Runtime.CompilerServices;
using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Recipes;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Models;
using DropoutLab.Training;

namespace DropoutLab.Tests.Backends;

public sealed class PlanTests
{
    /// <summary>Kernels write to addresses: whatever those are not meant for is refused before.</summary>
    [Fact]
    public void WhatDoesNotFitAPlanIsRefused()
    {
        using Backend backend = TestBackends.Reference();
        Network small = Mlp.Create(new ImageShape(2, 2, 1), 3, 4), large = Mlp.Create(new ImageShape(2, 2, 1), 3, 400);
        Classified built = Classified.Build(small, 5, DropoutSettings.None),
            other = Classified.Build(large, 5, DropoutSettings.None);
        using ParameterStore store = new(small.Parameters, Precision.Float32), wide = new(small.Parameters, Precision.Float64);
        using Plan plan = backend.Compile(PlanRequest.Train(built.Loss, [], store), Precision.Float32);

        Assert.Contains(
            "fc1.weight of shape", Assert.Throws<DropoutLabException>(() =>
                backend.Compile(PlanRequest.Train(other.Loss, [], store), Precision.Float32)).Message, StringComparison.Ordinal);
        Assert.Contains("64 bits", Assert.Throws<DropoutLabException>(
            () => backend.Compile(PlanRequest.Train(built.Loss, [], wide), Precision.Float32)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => plan.Write(built.Images, new int[built.Images.Shape.Count]));
        Assert.Throws<ArgumentException>(() => plan.Write(built.Labels, new double[5]));
        Assert.Throws<ArgumentException>(() => plan.Write(built.Loss, [1.0]));
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => plan.Run());
    }

    [Fact]
    public void ValuesOfSeveralBatchSizesMayStandSideBySide()
    {
        Value three = Operations.Input("three", new Shape(3, 4)), five = Operations.Input("five", new Shape(5, 4));
        Value[] outputs = [Operations.Relu(three), Operations.Relu(five)];
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                using ParameterStore store = new([], Precision.Float32);
                using Plan plan = backend.Compile(PlanRequest.Evaluate(outputs, store), Precision.Float32);
                plan.Write(three, [.. Enumerable.Range(-6, 12).Select(number => (double)number)]);
                plan.Write(five, [.. Enumerable.Range(-10, 20).Select(number => (double)number)]);
                plan.Run();

                Assert.Equal(Enumerable.Range(-6, 12).Select(number => Math.Max(number, 0.0)), plan.Read(outputs[0]));
                Assert.Equal(Enumerable.Range(-10, 20).Select(number => Math.Max(number, 0.0)), plan.Read(outputs[1]));
            }
        }
    }

    /// <summary>∂J/∂c of J = cross-entropy + c is 1.</summary>
    [Fact]
    public void ATermOfTheLossHasTheGradientOne()
    {
        Parameter term = new("c", new Shape(1), 0);
        Value z = Operations.Input("z", new Shape(2, 3)), c = Operations.Parameter(term),
            labels = Operations.Input("labels", new Shape(2), ElementKind.Label);
        Value loss = Operations.Add(Operations.SoftmaxCrossEntropy(z, labels), c);
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                using ParameterStore store = new([term], Precision.Float32);
                store.Write("c", ParameterArray.Gradient, [7.0]);
                using Plan plan = backend.Compile(PlanRequest.Train(loss, [], store), Precision.Float32);
                plan.Write(labels, (int[])[0, 1]);
                plan.Run();

                Assert.Equal([1], store.Read("c", ParameterArray.Gradient));
            }
        }
    }

    /// <summary>
    /// A convolution's masked input is made again for its weight's gradient; the mask is there for that, though nothing else
    /// reads it where another loss trains the layers below.
    /// </summary>
    [Fact]
    public void AMaskIsThereForWhoMakesAProductAgain()
    {
        Parameter first = new("w1", new Shape(16, 16, 3, 3), 0.1), second = new("w2", new Shape(16, 16, 3, 3), 0.1);
        Value x = Operations.Input("x", new Shape(4, 8, 8, 16)),
            labels = Operations.Input("labels", new Shape(4), ElementKind.Label);
        Value w1 = Operations.Parameter(first), w2 = Operations.Parameter(second);
        Value h = Operations.Relu(Operations.Convolution(x, w1, null, 1, 1));
        Value dropped = Operations.Masked(h, Operations.DrawMask(new MaskSource(0, 0, 0.5, MaskSharing.PerDatum), h.Shape));
        Value upper = Operations.SoftmaxCrossEntropy(
            Operations.Flatten(Operations.AveragePool(Operations.Convolution(dropped, w2, null, 1, 1), 8, 8)), labels);
        Value lower = Operations.SoftmaxCrossEntropy(Operations.Flatten(Operations.AveragePool(h, 8, 8)), labels);
        Dictionary<Value, Parameter> gradients =
            new() { [new Differentiation(upper).Of(w2)!] = second, [new Differentiation(lower).Of(w1)!] = first };
        List<double[]> results = [];
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                using ParameterStore store = new([first, second], Precision.Float32);
                store.Initialise(seed: 1);
                using Plan plan = backend.Compile(new PlanRequest([upper, lower], gradients, store), Precision.Float32);
                System.Random random = new(5);
                plan.Write(x, [.. Enumerable.Range(0, x.Shape.Count).Select(_ => random.NextDouble() - 0.5)]);
                plan.Write(labels, (int[])[0, 3, 7, 15]);
                plan.Run(seed: 2);
                results.Add(store.Read("w2", ParameterArray.Gradient));
            }
        }

        Assert.All(results.Skip(1), result => Assert.InRange(TestBackends.RelativeDistance(results[0], result), 0, 1e-5));
    }

    /// <summary>Of a layer that is not trained, and nothing below it is, no gradient reads the input.</summary>
    [Fact]
    public void ABackwardViewThatNoGradientReadsIsNotComputed()
    {
        Parameter frozen = new("frozen", new Shape(6, 5), 0.1, IsTrained: false), trained = new("trained", new Shape(3, 6), 0.1);
        Value x = Operations.Input("x", new Shape(4, 5)), labels = Operations.Input("labels", new Shape(4), ElementKind.Label);
        Value bottom = DropoutViews.Apply(x, DropoutRule.Backward(0.5), 0, MaskSharing.PerDatum);
        Value h = Operations.Relu(Operations.LinearMap(bottom, Operations.Parameter(frozen), null));
        Value top = DropoutViews.Apply(h, DropoutRule.Backward(0.5), 1, MaskSharing.PerDatum);
        Value loss = Operations.SoftmaxCrossEntropy(Operations.LinearMap(top, Operations.Parameter(trained), null), labels);
        using ParameterStore store = new([frozen, trained], Precision.Float32);

        IReadOnlyList<Value> training = PlanRequest.Train(loss, [], store).Order();
        IReadOnlyList<Value> evaluation = PlanRequest.Evaluate([loss], store).Order();

        Assert.Equal([top.Inputs[1].Inputs[1]], training.Where(value => value.Operator is DrawMask));
        Assert.DoesNotContain(evaluation, value => value.Operator is DrawMask or Masked);
    }

    [Fact]
    public void BuffersThatLiveTogetherDoNotOverlap()
    {
        System.Random random = new(3);
        List<PlanBuffer> buffers = [];
        for (int i = 0; i < 200; i++)
        {
            PlanBuffer buffer = new(random.Next(1, 5000), $"{i}") { IsPersistent = i % 40 == 0 };
            int first = random.Next(100);
            buffer.UsedBy(first);
            buffer.UsedBy(first + random.Next(20));
            buffers.Add(buffer);
        }

        using Arena arena = new(buffers);
        Assert.True(arena.ByteSize < buffers.Sum(buffer => buffer.ByteSize) / 2, "lives that do not meet share room");
        foreach (PlanBuffer a in buffers)
        {
            Assert.Equal(0, a.Address % NativeMemoryBlock.Alignment);
            foreach (PlanBuffer b in buffers.Where(b => b != a && b.LivesWith(a)))
                Assert.True(a.Address + a.ByteSize <= b.Address || b.Address + b.ByteSize <= a.Address);
        }
    }

    [Theory]
    [InlineData("none", "f32", "per-datum")]
    [InlineData("augmented:0.2/0.1", "f32", "per-datum")]
    [InlineData("augmented:0.2/0.1", "bf16", "per-datum")]
    [InlineData("augmented:0.2/0.1", "f32", "channel")]
    [InlineData("augmented:0..0.2@50/0.1,0.2@30", "f32", "per-datum")]
    public void AStepAllocatesNothing(string rule, string precision, string sharing)
    {
        using OneDnnBackend backend = TestBackends.OneDnn();
        Network network = ConvNetQuick.Create(new ImageShape(32, 32, 3), 10);
        using StepBenchmark benchmark = ImageSteps.Of(
            network, backend, Precisions.Parse(precision),
            new DropoutSettings(DropoutRule.Parse(rule), SiteSelection.All, MaskSharing.Parse(sharing)), batchSize: 4);
        benchmark.Run(20, keep: false);
        long before = GC.GetAllocatedBytesForCurrentThread();
        benchmark.Run(50, keep: false);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50);
    }

    [Fact]
    public void APlanLeavesNoNativeObjectBehind()
    {
        using OneDnnBackend backend = TestBackends.OneDnn();
        int before = backend.LiveHandles;
        using (TrainingStep step = new(backend, SmallNetworks.Convolutional, DropoutSettings.None, 3, Precision.BFloat16))
            step.Plan.Run();
        Assert.Equal(before, backend.LiveHandles);
    }

    [Fact]
    public void WhatIsDisposedOfIsNotUsed()
    {
        using Backend backend = TestBackends.Reference();
        TrainingStep step = new(backend, SmallNetworks.Dense, DropoutSettings.None, 3, Precision.Float32);
        step.Dispose();
        step.Plan.Dispose();

        Assert.Throws<ObjectDisposedException>(() => step.Plan.Run());
        Assert.Throws<ObjectDisposedException>(() => step.Plan.ReadScalar(step.Built.Loss));
        Assert.Throws<ObjectDisposedException>(() => step.Fill(seed: 1));
        Assert.Throws<ObjectDisposedException>(() => step.Store.Read("fc1.weight", ParameterArray.Value));
    }

    [Fact]
    public void AParameterThatIsNotThereIsNamed()
    {
        using ParameterStore store = new(SmallNetworks.Dense.Parameters, Precision.Float32);
        Assert.StartsWith(
            "there is no parameter fc9.weight; there are fc1.weight, fc1.bias",
            Assert.Throws<DropoutLabException>(() => store.Read("fc9.weight", ParameterArray.Value)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Kernels know the parameters' addresses alone: the plan must hold the store.</summary>
    [Fact]
    public void AnUndisposedStoreLivesAsLongAsItsPlan()
    {
        using Backend backend = TestBackends.Fastest();
        (Plan plan, WeakReference store) = PlanOfAStore(backend);
        using (plan)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.True(store.IsAlive);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Plan Plan, WeakReference Store) PlanOfAStore(Backend backend)
    {
        ParameterStore store = new(SmallNetworks.Dense.Parameters, Precision.Float32);
        return (backend.Compile(PlanRequest.Evaluate([Classified.Build(SmallNetworks.Dense, 2, DropoutSettings.None).Logits],
            store), Precision.Float32), new WeakReference(store));
    }

    [Fact]
    public void ASecondRunGivesTheSameBits()
    {
        using Backend backend = TestBackends.Fastest();
        using TrainingStep step = new(
            backend, SmallNetworks.Wide, new DropoutSettings(DropoutRule.Standard(0.5)), 6, Precision.Float32);
        step.Fill(seed: 5, weightSize: 1.0 / 16);
        double[][] runs = new double[2][];
        for (int run = 0; run < 2; run++)
        {
            step.Plan.Run(seed: 1, step: 1);
            runs[run] = [.. step.Store.Parameters.SelectMany(parameter => step.Gradient(parameter.Name))];
            step.Plan.Run(seed: 1, step: 2);
        }

        Assert.Equal(runs[0], runs[1]);
    }
}
