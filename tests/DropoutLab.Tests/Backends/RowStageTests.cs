using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Tests.Definitions;

namespace DropoutLab.Tests.Backends;

/// <summary>The fast kernels against the plain loops, on shapes that fit no vector.</summary>
public sealed class RowStageTests
{
    public static TheoryData<string, int, int, int, int> Pools()
    {
        TheoryData<string, int, int, int, int> cases = [];
        System.Random random = new(4);
        foreach (string pool in (string[])["max", "average"])
        {
            for (int i = 0; i < 12; i++)
            {
                int window = random.Next(1, 5);
                cases.Add(pool, window, random.Next(1, 5), random.Next(window, 12), random.Next(1, 41));
            }

            cases.Add(pool, 3, 2, 32, 32);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Pools))]
    public void PoolingAndItsGradientEqualThePlainLoops(string kind, int window, int stride, int length, int channels)
    {
        PoolWindows windows = new(window, stride);
        Value x = Operations.Input("x", new Shape(3, length, length + 1 >= window ? length + 1 : length, channels));
        Value y = kind == "max" ? Operations.MaxPool(x, window, stride) : Operations.AveragePool(x, window, stride);
        Value dy = Operations.Input("dy", y.Shape);
        Value dx = kind == "max"
            ? new Value(new MaxPoolGradient(windows, x.Shape), dy, new Value(new MaxPoolIndex(windows), x))
            : new Value(new AveragePoolGradient(windows, x.Shape), dy);
        AssertBackendsAgree([x, dy], [y, dx], 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(67)]
    public void ElementwiseOperatorsEqualThePlainLoops(int features)
    {
        Value a = Operations.Input("a", new Shape(5, features)), b = Operations.Input("b", new Shape(5, features));
        AssertBackendsAgree([a, b], [Operations.Relu(a), Operations.Add(a, b), new Value(new ReluGradient(), a, b)], 0);
    }

    [Fact]
    public void LossAndGradientStandLargeLogits()
    {
        Value logits = Operations.Input("logits", new Shape(2, 3)),
            labels = Operations.Input("labels", new Shape(2), ElementKind.Label);
        Value loss = Operations.SoftmaxCrossEntropy(logits, labels), one = new(new Constant(1));
        Value gradient = new(new SoftmaxCrossEntropyGradient(new SoftmaxCrossEntropy()), logits, labels, one);
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            using (ParameterStore store = new([], Precision.Float32))
            using (Plan plan = backend.Compile(PlanRequest.Evaluate([loss, gradient], store), Precision.Float32))
            {
                plan.Write(logits, (float[])[1000, 0, -1000, -500, 500, 500]);
                plan.Write(labels, (int[])[0, 1]);
                plan.Run();
                Assert.Equal(Math.Log(2) / 2, plan.ReadScalar(loss), 1e-6);
                Assert.Equal([0, 0, 0, 0, -0.25, 0.25], plan.Read(gradient).Select(value => Math.Round(value, 6)));
            }
        }
    }

    [Fact]
    public void EqualMaximaGoToTheFirst()
    {
        Value x = Operations.Input("x", new Shape(1, 4, 4, 9));
        Value index = new(new MaxPoolIndex(new PoolWindows(3, 2)), x);
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            using (ParameterStore store = new([], Precision.Float32))
            using (Plan plan = backend.Compile(PlanRequest.Evaluate([index], store), Precision.Float32))
            {
                plan.Write(x, new double[x.Shape.Count]);
                plan.Run();
                Assert.All(plan.Read(index), place => Assert.Equal(0, place));
            }
        }
    }

    private static void AssertBackendsAgree(Value[] inputs, Value[] outputs, double bound)
    {
        List<double[][]> results = [];
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
                results.Add(Run(backend, inputs, outputs));
        }

        foreach (double[][] result in results.Skip(1))
        {
            for (int i = 0; i < outputs.Length; i++)
                Assert.InRange(TestBackends.RelativeDistance(results[0][i], result[i]), 0, bound);
        }
    }

    private static double[][] Run(Backend backend, Value[] inputs, Value[] outputs)
    {
        using ParameterStore store = new([], Precision.Float32);
        using Plan plan = backend.Compile(PlanRequest.Evaluate(outputs, store), Precision.Float32);
        System.Random random = new(8);
        foreach (Value input in inputs)
            plan.Write(
                input, (float[])[.. Enumerable.Range(0, input.Shape.Count).Select(_ => (float)(random.NextDouble() * 2 - 1))]);
        plan.Run();
        return [.. outputs.Select(plan.Read)];
    }
}
