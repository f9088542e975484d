namespace DropoutLab.Optimization;

/// <summary>
/// How parameters follow their gradients. It is a record of numbers: a backend lowers its step like a kernel, and the arrays that
/// it keeps for each trained parameter lie in the parameter store under the names of <see cref="State"/>, whence a checkpoint
/// takes them.
/// </summary>
public abstract record Optimizer
{
    /// <summary>The name in configurations.</summary>
    public abstract string Name { get; }

    /// <summary>The names of the arrays that it keeps for each trained parameter, zero at first.</summary>
    public abstract IReadOnlyList<string> State { get; }

    /// <summary>λ.</summary>
    public double WeightDecay { get; init; }

    /// <summary>
    /// c: where the norm of all gradients together, ‖g‖ = √(Σ g²), is above it, each gradient is multiplied with c/‖g‖ first.
    /// Null for none. Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013.
    /// </summary>
    public double? MaximumGradientNorm { get; init; }

    /// <summary>Checks that every number is one that training can run with.</summary>
    /// <exception cref="DropoutLabException">One is not.</exception>
    public virtual void Validate()
    {
        if (!(WeightDecay >= 0) || double.IsInfinity(WeightDecay))
            throw new DropoutLabException(
                $"the weight decay must be at least 0, not {WeightDecay}", SettingName.WeightDecay, WeightDecay);
        if (MaximumGradientNorm is { } norm && (!(norm > 0) || double.IsInfinity(norm)))
            throw new DropoutLabException(
                $"the largest norm of the gradients must be a positive number, not {norm}",
                SettingName.MaximumGradientNorm, norm);
    }

    /// <exception cref="DropoutLabException">A factor by which something fades is not in [0, 1).</exception>
    private protected static void RequireFraction(double value, string what, string? setting = null)
    {
        if (!(value is >= 0 and < 1))
            throw new DropoutLabException($"{what} must be in [0, 1), not {value}", setting, value);
    }
}

/// <summary>
/// Stochastic gradient descent with momentum and weight decay, as Caffe has it: v ← μv + ηr(g + λdw), w ← w − v, with the
/// parameter's own factors r for the rate and d for the decay. State: momentum (v).
/// Source: Caffe, SGDSolver; Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
/// </summary>
public sealed record Sgd : Optimizer
{
    /// <summary>The state v, which holds the learning rates of its steps.</summary>
    public const string MomentumState = "momentum";

    /// <summary>Caffe's usual momentum of 0.9, and no decay, unless told otherwise.</summary>
    public Sgd(double momentum = 0.9, double weightDecay = 0) => (Momentum, WeightDecay) = (momentum, weightDecay);

    /// <summary>μ in [0, 1).</summary>
    public double Momentum { get; init; }

    /// <inheritdoc/>
    public override string Name => "sgd";

    /// <inheritdoc/>
    public override IReadOnlyList<string> State => [MomentumState];

    /// <inheritdoc/>
    public override void Validate()
    {
        RequireFraction(Momentum, "the momentum", SettingName.Momentum);
        base.Validate();
    }
}

/// <summary>
/// Adam with decoupled weight decay. In step t, from 1, with the parameter's own factors r for the rate and d for the decay,
/// <code>
/// m ← β₁m + (1 − β₁)g        v ← β₂v + (1 − β₂)g²
/// w ← w − ηr (m̂/(√v̂ + ε) + λdw)        m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)
/// </code>
/// State: first_moment (m), second_moment (v).
/// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019; Kingma and Ba, "Adam", ICLR 2015.
/// </summary>
public sealed record AdamW : Optimizer
{
    /// <summary>The state m.</summary>
    public const string FirstMoment = "first_moment";

    /// <summary>The state v.</summary>
    public const string SecondMoment = "second_moment";

    /// <summary>The learning rate that Adam's authors begin with.</summary>
    public const double UsualLearningRate = 1e-3;

    /// <summary>λ is 0.01 unless told otherwise.</summary>
    public AdamW(double weightDecay = 0.01) => WeightDecay = weightDecay;

    /// <summary>β₁ in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂ in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <inheritdoc/>
    public override string Name => "adamw";

    /// <inheritdoc/>
    public override IReadOnlyList<string> State => [FirstMoment, SecondMoment];

    /// <inheritdoc/>
    public override void Validate()
    {
        RequireFraction(Beta1, "β₁");
        RequireFraction(Beta2, "β₂");
        if (!(Epsilon > 0) || double.IsInfinity(Epsilon))
            throw new DropoutLabException($"ε must be a positive number, not {Epsilon}");
        base.Validate();
    }
}
