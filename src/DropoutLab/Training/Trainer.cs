using System.Diagnostics;
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Models;
using DropoutLab.Random;

namespace DropoutLab.Training;

/// <summary>
/// Trains a network on a data set, an epoch at a time. Everything is a function of the seed and the number of the step, so that
/// an epoch's result depends only on the parameters and momenta at its start.
/// </summary>
/// <remarks>A trainer and its backend do one thing at a time, and who asks for another waits: trainings side by side take a backend each.</remarks>
public sealed class Trainer : IDisposable
{
    private readonly Backend backend;
    private readonly Dictionary<int, StepRunner> training = [];
    private readonly Evaluator evaluator;
    private readonly SgdUpdate update;
    private readonly Lock epochs = new();
    private bool isBrokenOff;

    /// <param name="network">What to train.</param>
    /// <param name="data">What to train it on; its images must have the shape that the network takes.</param>
    /// <param name="options">How.</param>
    /// <param name="backend">What computes; it stays the caller's.</param>
    /// <exception cref="DropoutLabException">The options, the data and the network do not fit together.</exception>
    public Trainer(Network network, ImageDataset data, TrainingOptions options, Backend backend)
    {
        options.Validate();
        if (options.Precision is { } asked)
            backend.RequireSupport(asked);
        CheckFit(network, data);
        options.Augmentation.RequireFit(network.Input);
        CheckDropout(network, data.Train.Count, options);
        CheckSteps(data.Train.Count, options);
        (Network, Data, this.backend, Options) = (network, data, backend, options);
        Precision = options.Precision ?? backend.PreferredPrecision;
        Transform = PixelTransform.Fit(options.PixelScaling, data.Train);
        Parameters = new ParameterStore(network.Parameters, Precision);
        Parameters.Initialise(options.Seed);
        update = new Sgd(options.Momentum, options.WeightDecay).For(Parameters, backend.Team);
        evaluator = new Evaluator(network, DropoutSettings.None, backend, Parameters, Precision, Transform);
    }

    public Network Network { get; }

    /// <summary>What it is trained and evaluated on.</summary>
    public ImageDataset Data { get; }

    public TrainingOptions Options { get; }

    /// <summary>What the steps compute in.</summary>
    public Precision Precision { get; }

    /// <summary>Weights, gradients and momenta.</summary>
    public ParameterStore Parameters { get; }

    /// <summary>How many epochs the parameters have seen.</summary>
    public int CompletedEpochs { get; private set; }

    public bool IsFinished => CompletedEpochs >= Options.Epochs;

    public int StepsPerEpoch => StepsOfAnEpoch(Data.Train.Count, Options.BatchSize);

    /// <summary>What makes inputs of pixels, by the training set.</summary>
    public PixelTransform Transform { get; }

    /// <summary>Trains for one epoch and evaluates on the test set.</summary>
    /// <param name="progress">
    /// Told after every step, when <see cref="Parameters"/> hold its gradients, before the next. <see cref="Progress{T}"/> passes it on later.
    /// </param>
    /// <param name="cancellation">Stops between two steps; the parameters are then those of an unfinished epoch.</param>
    /// <exception cref="DropoutLabException">The loss is no longer a number.</exception>
    /// <exception cref="InvalidOperationException">
    /// All epochs are done, or an epoch was broken off: the parameters are to be restored first, and <see cref="ContinueAfter"/> called.
    /// </exception>
    public EpochMetrics RunEpoch(IProgress<StepProgress>? progress = null, CancellationToken cancellation = default)
    {
        lock (epochs)
            return NextEpoch(progress, cancellation);
    }

    /// <summary>Loss, accuracy and calibration error over some images, without dropout.</summary>
    /// <param name="images">What to predict.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="DropoutLabException">The images or their labels are not such as the network takes.</exception>
    public Evaluation Evaluate(ImageSet images, CancellationToken cancellation = default)
    {
        CheckFit(Network, images, "the set to evaluate");
        return evaluator.Evaluate(images, cancellation);
    }

    /// <summary>Each image's probabilities, softmax(z), without dropout.</summary>
    /// <param name="images">What to predict. Their labels are not looked at, but must be such as the network has: 0 will do.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>[N, classes], row by row.</returns>
    /// <exception cref="DropoutLabException">The images or their labels are not such as the network takes.</exception>
    public ReadOnlyMemory<double> Predict(ImageSet images, CancellationToken cancellation = default)
    {
        CheckFit(Network, images, "the set to predict");
        return evaluator.Predict(images, cancellation);
    }

    /// <summary>
    /// Evaluates the mean prediction of several passes with dropout as in the last step of training so far, each with fresh masks. They
    /// are a function of the seed, the number of the pass and an image's place in the set.
    /// </summary>
    /// <param name="images">What to predict.</param>
    /// <param name="passes">K, from 1 to <see cref="MonteCarloEvaluation.MostPasses"/>.</param>
    /// <param name="seed">What the masks derive from; the training's own seed if null.</param>
    /// <param name="progress">
    /// Told the part that is done, in (0, 1], after every batch of a pass. The backend is held meanwhile: it must not wait for a thread that asks it.
    /// </param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="DropoutLabException">
    /// The number of passes is out of range, or the images or their labels are not such as the network takes.
    /// </exception>
    public MonteCarloEvaluation EvaluateMonteCarlo(
        ImageSet images, int passes, ulong? seed = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        CheckFit(Network, images, "the set to evaluate");
        long lastStep = Math.Max((long)CompletedEpochs * StepsPerEpoch - 1, 0);
        using Evaluator dropped = new(Network, Options.Dropout.InEvaluationAfter((uint)lastStep), backend, Parameters, Precision, Transform);
        return dropped.EvaluateMonteCarlo(images, passes, seed ?? Options.Seed, progress, cancellation);
    }

    /// <summary>Takes over the state of a checkpoint, whose arrays the caller has written to <see cref="Parameters"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 0.</exception>
    public void ContinueAfter(int completedEpochs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(completedEpochs);
        CompletedEpochs = completedEpochs;
        isBrokenOff = false;
    }

    /// <summary>Does something with the parameters while no epoch is under way and nobody computes.</summary>
    internal void BetweenEpochs(Action action)
    {
        lock (epochs)
        {
            lock (backend.Gate)
                action();
        }
    }

    /// <summary>The parameters are those of a whole number of epochs.</summary>
    internal void RequireWhole()
    {
        if (isBrokenOff)
            throw new InvalidOperationException($"epoch {CompletedEpochs + 1} was broken off: the parameters are those of no epoch, and have to be restored");
    }

    public void Dispose()
    {
        lock (backend.Gate)
        {
            foreach (StepRunner runner in training.Values)
                runner.Dispose();
            evaluator.Dispose();
            Parameters.Dispose();
        }
    }

    private EpochMetrics NextEpoch(IProgress<StepProgress>? progress, CancellationToken cancellation)
    {
        if (IsFinished)
            throw new InvalidOperationException($"all {Options.Epochs} epochs are done");
        RequireWhole();
        double learningRate = LearningRateAt(0);
        isBrokenOff = true;
        long start = Stopwatch.GetTimestamp();
        double trainLoss = TrainEpoch(progress, cancellation);
        double trainingSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Evaluation test = Evaluate(Data.Test);
        RequireFinite(test.Loss, $"the test loss of epoch {CompletedEpochs + 1}");
        CompletedEpochs++;
        isBrokenOff = false;
        return new EpochMetrics(
            CompletedEpochs, trainLoss, test.Loss, test.Accuracy, Data.Train.Count / trainingSeconds, learningRate,
            Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private double TrainEpoch(IProgress<StepProgress>? progress, CancellationToken cancellation)
    {
        (RandomFunction random, uint epoch) = (new RandomFunction(Options.Seed), (uint)CompletedEpochs);
        BatchLoader loader = new(Data.Train, Transform, backend.Team, WindowsOf(random, epoch));
        ReadOnlyMemory<int> order = random.Permutation(Data.Train.Count, epoch);
        double sum = 0;
        for (int i = 0; i < StepsPerEpoch; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            int begin = i * Options.BatchSize;
            sum += Step(loader, order.Slice(begin, Math.Min(Options.BatchSize, order.Length - begin)), i);
            progress?.Report(new StepProgress(CompletedEpochs + 1, i + 1, StepsPerEpoch, sum / (i + 1)));
        }

        RequireFiniteParameters();
        return sum / StepsPerEpoch;
    }

    private Func<int, ImageWindow>? WindowsOf(RandomFunction random, uint epoch) => Options.Augmentation == Augmentation.None
        ? null
        : image => Options.Augmentation.Draw(random, epoch, (uint)image);

    private double Step(BatchLoader loader, ReadOnlyMemory<int> numbers, int stepInEpoch)
    {
        long step = (long)CompletedEpochs * StepsPerEpoch + stepInEpoch;
        lock (backend.Gate)
        {
            if (!training.TryGetValue(numbers.Length, out StepRunner? runner))
                training.Add(numbers.Length, runner = StepRunner.Train(Network, backend, Parameters, Precision, Options.Dropout, numbers.Length));
            runner.Run(loader, numbers, Options.Seed, (uint)step);
            double loss = runner.Loss;
            RequireFinite(loss, $"the loss of step {step + 1}");
            update.Step(LearningRateAt(stepInEpoch));
            return loss;
        }
    }

    private void RequireFinite(double loss, string what)
    {
        if (!double.IsFinite(loss))
            throw Diverged($"{what} is {loss}");
    }

    /// <summary>A maximum or a ReLU may hide from the loss that a number before it is none.</summary>
    private void RequireFiniteParameters()
    {
        lock (backend.Gate)
        {
            foreach (string name in Parameters.Parameters.Select(parameter => parameter.Name))
            {
                if (!Parameters.IsFinite(name))
                    throw Diverged($"{name} has a number that is none");
            }
        }
    }

    private DropoutLabException Diverged(string how) =>
        new($"training diverged: {how}; a learning rate below {Options.LearningRate} may be right");

    /// <exception cref="DropoutLabException">A schedule of the caller's own gives no rate.</exception>
    private double LearningRateAt(int stepInEpoch)
    {
        long step = (long)CompletedEpochs * StepsPerEpoch + stepInEpoch;
        double rate = Options.Schedule.At(Options.LearningRate, step, (long)Options.Epochs * StepsPerEpoch);
        return rate >= 0 && double.IsFinite(rate)
            ? rate
            : throw new DropoutLabException($"the schedule's learning rate for step {step} is {rate}: it must be a number from 0 on");
    }

    private static void CheckFit(Network network, ImageDataset data)
    {
        if (data.ClassNames.Count != network.ClassCount)
            throw new DropoutLabException($"{network.Name} has {network.ClassCount} classes, {data.Name} has {data.ClassNames.Count}");
        CheckFit(network, data.Train, $"{data.Name}'s training set");
        CheckFit(network, data.Test, $"{data.Name}'s test set");
    }

    /// <exception cref="DropoutLabException">The images or their labels are not such as the network takes.</exception>
    internal static void CheckFit(Network network, ImageSet set, string name)
    {
        ImageShape images = new(set.Height, set.Width, set.Channels);
        if (images != network.Input)
            throw new DropoutLabException($"{network.Name} takes images of {network.Input}, those of {name} are {images}");
        if (set.Count == 0)
            throw new DropoutLabException($"{name} is empty: one image at least is needed");
        byte last = (byte)Math.Min(network.ClassCount - 1, byte.MaxValue);
        if (set.Labels.Span.IndexOfAnyExceptInRange((byte)0, last) is int wrong and >= 0)
            throw new DropoutLabException($"{name} has label {set.Labels.Span[wrong]} at image {wrong}: those of {network.ClassCount} classes are 0 to {last}");
    }

    private static int StepsOfAnEpoch(int trainCount, int batchSize) => (int)(((long)trainCount + batchSize - 1) / batchSize);

    /// <summary>A step's number has 32 bits in a mask's draw, and Monte Carlo passes take the last of them.</summary>
    private static void CheckSteps(int trainCount, TrainingOptions options)
    {
        const long Most = (1L << 32) - MonteCarloEvaluation.MostPasses;
        long ofAnEpoch = StepsOfAnEpoch(trainCount, options.BatchSize), steps = options.Epochs * ofAnEpoch;
        if (steps > Most)
            throw new DropoutLabException($"{options.Epochs} epochs of {ofAnEpoch} steps are {steps} steps: there are masks for {Most}");
    }

    /// <summary>Builds the networks that the steps of an epoch need, so that what does not fit is refused before the first.</summary>
    /// <exception cref="DropoutLabException">
    /// A site is not the network's, the sharing does not fit one, or a batch is too small to be normalised.
    /// </exception>
    internal static void CheckDropout(Network network, int trainCount, TrainingOptions options)
    {
        int whole = Math.Min(options.BatchSize, trainCount), last = trainCount % whole;
        CheckNormalised(network.Build(whole, options.Dropout), $"a batch of {whole}: choose a larger one");
        if (last > 0)
            CheckNormalised(
                network.Build(last, options.Dropout),
                $"the last batch of an epoch, {last} of {trainCount} images in batches of {whole}: "
                + "choose a batch size that leaves none or more");
    }

    private static void CheckNormalised(BuiltNetwork built, string batch)
    {
        foreach ((Value average, Parameter parameter) in built.Updates)
        {
            if (BatchVariance.IsOfOneValue(average.Inputs[1]))
                throw new DropoutLabException(
                    $"{parameter.Name}: one value a channel, which has no variance, is normalised in {batch}");
        }
    }
}
