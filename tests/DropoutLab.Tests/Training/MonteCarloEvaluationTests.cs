using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Classification;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Models;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

public sealed class MonteCarloEvaluationTests
{
    private const int Images = 23;
    private const int Classes = 4;
    private const ulong Seed = 11;

    private static readonly SiteSelection AllSites = ["fc1", "fc2", "fc3"];

    [Theory]
    [InlineData("standard:0.3", "per-datum")]
    [InlineData("standard:0.3", "per-minibatch")]
    [InlineData("augmented-independent:0.3/0.2", "per-datum")]
    public void TheMeanIsThatOfPassesByHandAtStepsThatTrainingDoesNotReach(string rule, string sharing)
    {
        using Backend backend = TestBackends.Reference();
        CheckAgainstPassesByHand(backend, Precision.Float64, 1e-12, rule, sharing);
    }

    [Theory]
    [InlineData("standard:0.3", "per-datum")]
    [InlineData("forward:0.3", "per-minibatch")]
    public void OneDnnComesToThePassesOfTheReferenceToo(string rule, string sharing)
    {
        using OneDnnBackend backend = TestBackends.OneDnn();
        CheckAgainstPassesByHand(backend, Precision.Float32, 1e-5, rule, sharing);
    }

    [Fact]
    public void APassIsAnotherThanTheNextAndTheSameAgain()
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, "standard:0.3", "per-datum");

        MonteCarloEvaluation one = Evaluate(trainer, 1), two = Evaluate(trainer, 2);
        MonteCarloEvaluation again = Evaluate(trainer, 2, Seed), other = Evaluate(trainer, 2, Seed + 1);

        Assert.Equal(two.MeanProbabilities.ToArray(), again.MeanProbabilities.ToArray());
        Assert.All(Enumerable.Range(0, Images), image =>
        {
            Assert.Equal(new double[Classes], Row(one.StandardDeviations, image));
            Assert.All(Row(two.StandardDeviations, image), deviation => Assert.InRange(deviation, 1e-9, 0.5));
            Assert.NotEqual(Row(two.MeanProbabilities, image), Row(other.MeanProbabilities, image));
        });
    }

    [Theory]
    [InlineData("per-datum")]
    [InlineData("per-minibatch")]
    public void NothingDependsOnBatchesOrThreads(string sharing)
    {
        ImageSet images = MadeUp(Images);
        MonteCarloEvaluation[] results = [.. new[] { (500, 2), (1, 2), (7, 1), (10, 3) }.Select(how =>
        {
            using Backend backend = TestBackends.Reference(how.Item2);
            using Trainer trainer = NewTrainer(backend, "standard:0.3", sharing);
            using Evaluator evaluator = new(
                SmallNetworks.Dense, new CrossEntropy(), trainer.Options.Dropout, backend, trainer.Parameters, how.Item1);
            return ClassificationPasses.MonteCarlo(evaluator, trainer.Data.Test, 5, Seed, null, CancellationToken.None);
        })];

        Assert.All(results, result => Assert.Equal(results[0].MeanProbabilities.ToArray(), result.MeanProbabilities.ToArray()));
        Assert.All(results, result => Assert.Equal(results[0].MeanPrediction, result.MeanPrediction));
    }

    [Theory]
    [InlineData("backward:0.3")]
    [InlineData("augmented:0/0.3")]
    [InlineData("none")]
    public void WithoutAMaskInTheForwardPassItIsTheEvaluationWithoutDropout(string rule)
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, rule, "per-datum");
        Evaluation plain = trainer.Evaluate(MadeUp(Images), TestContext.Current.CancellationToken);

        MonteCarloEvaluation result = Evaluate(trainer, 10_000);

        Assert.False(result.PassesDiffer);
        Assert.Equal(10_000, result.Passes);
        Assert.Equal(plain with { Loss = result.MeanPrediction.Loss }, result.MeanPrediction);
        Assert.Equal(plain.Loss, result.MeanPrediction.Loss, 1e-12);
        Assert.Equal(new double[Images * Classes], result.StandardDeviations.ToArray());
    }

    [Theory]
    [InlineData("standard:0.1..0.3@46000", 0, "standard:0.1")]
    [InlineData("standard:0.1,0.3@23", 1, "standard:0.1")]
    [InlineData("standard:0.1,0.3@23", 2, "standard:0.3")]
    [InlineData("standard:0.1,0@22", 2, "none")]
    public void RatiosAreThoseOfTheLastStepTrained(string rule, int epochs, string constant)
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, rule, "per-datum"), likeIt = NewTrainer(backend, constant, "per-datum");
        Assert.Equal(Images, trainer.StepsPerEpoch);
        trainer.ContinueAfter(epochs);

        MonteCarloEvaluation found = Evaluate(trainer, 3), expected = Evaluate(likeIt, 3);

        Assert.Equal(expected.PassesDiffer, found.PassesDiffer);
        Assert.Equal(expected.MeanProbabilities.ToArray(), found.MeanProbabilities.ToArray());
    }

    /// <summary>A length of the batch as in Keras's noise shape is that of training's batches.</summary>
    [Fact]
    public void AnEntryForTheBatchIsOfTrainingAlone()
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, "standard:0.3", $"shape:{Images},*", batchSize: Images),
            likeIt = NewTrainer(backend, "standard:0.3", "per-datum");

        Assert.Equal(
            likeIt.EvaluateMonteCarlo(
                MadeUp(5), 2, cancellation: TestContext.Current.CancellationToken).MeanProbabilities.ToArray(),
            trainer.EvaluateMonteCarlo(
                MadeUp(5), 2, cancellation: TestContext.Current.CancellationToken).MeanProbabilities.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_001)]
    public void TheNumberOfPassesHasLimits(int passes)
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, "standard:0.3", "per-datum");

        DropoutLabException exception = Assert.Throws<DropoutLabException>(() => Evaluate(trainer, passes));

        Assert.Equal($"the number of passes must be from 1 to 10000, not {passes}", exception.Message);
    }

    [Fact]
    public void ItCanBeWatchedAndStopped()
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, "standard:0.3", "per-datum");
        using CancellationTokenSource stop = new();
        Watch watch = new(part =>
        {
            if (part == 0.5)
                stop.Cancel();
        });

        Assert.Throws<OperationCanceledException>(
            () => trainer.EvaluateMonteCarlo(MadeUp(Images), 4, progress: watch, cancellation: stop.Token));

        Assert.Equal([0.25, 0.5], watch.Parts);
    }

    [Fact]
    public void EntropyIsThatOfTheMeanPrediction()
    {
        MonteCarloEvaluation result = new(
            new Evaluation(0, 0, 0, 2), 1, true, new double[] { 0.5, 0.25, 0.25, 0, 1, 0 }, new double[6]);

        double[] entropies = result.PredictiveEntropy();

        Assert.Equal(1.5 * Math.Log(2), entropies[0], 1e-15);
        Assert.Equal(0, entropies[1]);
    }

    /// <summary>Logits far beyond what exp takes, and a likelihood far below what a double holds.</summary>
    [Fact]
    public void LargeLogitsNeitherOverflowNorUnderflow()
    {
        PassMoments moments = new(imageCount: 1, classCount: 3);
        moments.Add(pass: 0, firstImage: 0, [2000, -2000, 2000], [1]);
        moments.Add(pass: 1, firstImage: 0, [2000, -2000, -3000], [1]);

        Assert.Equal([0.75, 0, 0.25], moments.Means);
        Assert.Equal([0.25, 0, 0.25], moments.StandardDeviations(2));
        // −log((e^−4000/2 + e^−4000)/2)
        Assert.Equal(4000 - Math.Log(0.75), moments.Loss(2), 1e-12);
    }

    private static MonteCarloEvaluation Evaluate(Trainer trainer, int passes, ulong? seed = null) =>
        trainer.EvaluateMonteCarlo(MadeUp(Images), passes, seed, cancellation: TestContext.Current.CancellationToken);

    private static void CheckAgainstPassesByHand(Backend backend, Precision precision, double bound, string rule, string sharing)
    {
        const int Passes = 6;
        ImageSet images = MadeUp(Images);
        using Trainer trainer = NewTrainer(backend, rule, sharing, precision);
        double[] mean = new double[Images * Classes];
        double[][] passes =
            [.. Enumerable.Range(0, Passes).Select(pass => Probabilities(trainer, images, uint.MaxValue - (uint)pass))];
        for (int i = 0; i < mean.Length; i++)
            mean[i] = passes.Average(probabilities => probabilities[i]);
        double[] deviations =
            [.. mean.Select((average, i) => Math.Sqrt(passes.Average(probabilities => Math.Pow(probabilities[i] - average, 2))))];
        int[] labels = [.. images.Labels.ToArray().Select(label => (int)label)];

        MonteCarloEvaluation result = Evaluate(trainer, Passes);

        AssertClose(mean, result.MeanProbabilities.ToArray(), bound);
        AssertClose(deviations, result.StandardDeviations.ToArray(), bound);
        Assert.Equal(
            labels.Select((label, n) => -Math.Log(mean[n * Classes + label])).Average(), result.MeanPrediction.Loss, bound);
        Assert.Equal(
            labels.Where((label, n) => Row(mean, n).Max() == mean[n * Classes + label]).Count() / (double)Images,
            result.MeanPrediction.Accuracy);
        Assert.Equal((Passes, true, Images), (result.Passes, result.PassesDiffer, result.MeanPrediction.Count));
    }

    /// <summary>softmax of one pass of the plain reference in 64 bits, all images in one batch.</summary>
    private static double[] Probabilities(Trainer trainer, ImageSet images, uint step)
    {
        using Backend reference = TestBackends.Reference(1);
        using ParameterStore store = new(SmallNetworks.Dense.Parameters, Precision.Float64);
        foreach (Parameter parameter in store.Parameters)
            store.Write(parameter.Name, ParameterArray.Value, trainer.Parameters.Read(parameter.Name, ParameterArray.Value));
        Classified built = Classified.Build(SmallNetworks.Dense, Images, trainer.Options.Dropout);
        using Plan plan = reference.Compile(PlanRequest.Evaluate([built.Logits], store), Precision.Float64);
        PixelTransform transform = PixelTransform.Fit(PixelScaling.PerChannel, images);
        plan.Write(built.Images, [.. images.Pixels.ToArray().Select((pixel, i) =>
            (pixel - (double)transform.Means.Span[i % images.ImageSize]) * transform.Factors.Span[i % images.ImageSize])]);
        plan.Run(Seed, step);
        return [.. plan.Read(built.Logits).Chunk(Classes).SelectMany(logits =>
            logits.Select(logit => Math.Exp(logit) / logits.Sum(Math.Exp)))];
    }

    private static Trainer NewTrainer(
        Backend backend, string rule, string sharing, Precision precision = Precision.Float64, int batchSize = 1)
    {
        ImageSet images = MadeUp(Images);
        TrainingOptions options = new()
        {
            Dropout = new DropoutSettings(DropoutRule.Parse(rule), AllSites, MaskSharing.Parse(sharing)),
            Precision = precision,
            Seed = Seed,
            BatchSize = batchSize,
        };
        Trainer trainer = new(
            SmallNetworks.Dense, new CrossEntropy(),
            new ImageDataset("made-up", ["a", "b", "c", "d"], images, images).Batches(PixelScaling.PerChannel), options, backend);
        // Initial biases of 0 would let an image whose features are all dropped have the same logits in every pass.
        System.Random random = new(3);
        foreach (Parameter parameter in trainer.Parameters.Parameters)
            trainer.Parameters.Write(parameter.Name, ParameterArray.Value,
                [.. Enumerable.Range(0, parameter.Shape.Count).Select(_ => random.NextDouble() - 0.4)]);
        return trainer;
    }

    private static ImageSet MadeUp(int count)
    {
        System.Random random = new(5);
        byte[] pixels = new byte[count * 3 * 2 * 2];
        random.NextBytes(pixels);
        return new ImageSet(3, 2, 2, pixels, Enumerable.Range(0, count).Select(_ => (byte)random.Next(Classes)).ToArray());
    }

    private static double[] Row(ReadOnlyMemory<double> values, int image) => values.Slice(image * Classes, Classes).ToArray();

    private static void AssertClose(double[] expected, double[] actual, double bound)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, bound));
    }

    private sealed class Watch(Action<double> report) : IProgress<double>
    {
        public List<double> Parts { get; } = [];

        public void Report(double value)
        {
            Parts.Add(value);
            report(value);
        }
    }
}
