//! Every model on CUDA against the same model on the CPU. Run by tests/cuda.sh on a machine with a
//! graphics card.

use elbo::{
    Classifier, Device, Emission, Estimator, Fit, History, M2, Sdgm, Terms, Vae,
    classify::{Committee, DeepNetwork, LeNet, NetworkClassifier, NetworkKind},
    data::{self, Images},
    mega::{MegaForm, MegaPenalty},
    semi_supervised::{ClassifierNetwork, Weighting},
};

/// The same arithmetic in another order: f32 rounding, grown by some steps of Adam.
const RELATIVE: f64 = 2e-3;

fn assert_close(got: f64, want: f64, what: &str) {
    let tolerance = RELATIVE * want.abs().max(1.0);
    assert!((got - want).abs() <= tolerance, "{what}: CUDA {got}, CPU {want} ± {tolerance}");
}

fn assert_terms(got: Terms, want: Terms, what: &str) {
    assert_close(got.elbo, want.elbo, &format!("{what}, ELBO"));
    assert_close(got.reconstruction, want.reconstruction, &format!("{what}, reconstruction"));
    assert_close(got.kl, want.kl, &format!("{what}, KL"));
}

#[test]
fn a_vae_learns_on_cuda_what_it_learns_on_the_cpu() {
    let digits = data::handwriting().writers(8).repeats(4).images::<28>();
    let cuda = Device::cuda(0).unwrap();
    for emission in
        [Emission::Bernoulli, Emission::Normal { minimum_std: 0.05 }, Emission::NormalSharedStd]
    {
        for estimator in [Estimator::AnalyticKl, Estimator::MonteCarlo] {
            let train = |device: &Device| {
                let params = Vae::<784, 5>::params().hidden([64, 32]).emission(emission);
                let params = params.estimator(estimator).device(device.clone());
                params.fit(&digits, Fit::new().epochs(3).batch(32).learning_rate(1e-3)).unwrap()
            };
            let (on_cpu, cpu_history) = train(&Device::cpu());
            let (on_cuda, cuda_history) = train(&cuda);
            let what = format!("{emission:?}, {estimator:?}");
            for (got, want) in cuda_history.train.iter().zip(&cpu_history.train) {
                assert_terms(*got, *want, &what);
            }
            let bound = |vae: &Vae<784, 5>| vae.elbo(&digits, estimator, 1).unwrap();
            assert_terms(bound(&on_cuda), bound(&on_cpu), &what);
            let evidence = |vae: &Vae<784, 5>| vae.evidence(&digits, 5).unwrap().mean();
            assert_close(evidence(&on_cuda), evidence(&on_cpu), &format!("{what}, evidence"));

            // A model trained on the card is used without one.
            let file = tempfile::NamedTempFile::new().unwrap();
            on_cuda.save(file.path()).unwrap();
            let moved = Vae::<784, 5>::load_on(file.path(), &Device::cpu()).unwrap();
            assert_terms(bound(&moved), bound(&on_cuda), &format!("{what}, moved to the CPU"));
        }
    }
}

#[test]
fn a_penalised_vae_learns_on_cuda_what_it_learns_on_the_cpu() {
    let digits = data::handwriting().writers(8).repeats(4).images::<28>();
    let cuda = Device::cuda(0).unwrap();
    for emission in
        [Emission::Bernoulli, Emission::Normal { minimum_std: 0.05 }, Emission::NormalSharedStd]
    {
        for form in [MegaForm::Second, MegaForm::FirstAndRootOfSecond] {
            let train = |device: &Device| {
                let params = Vae::<784, 5>::params().hidden([64, 32]).emission(emission);
                let penalty = MegaPenalty::new(2.0).draws(200).form(form);
                let fit = Fit::new().epochs(3).batch(32).beta(0.5).anneal(2).mega(penalty);
                params.device(device.clone()).fit(&digits, fit).unwrap().1
            };
            let what = format!("{emission:?}, {form:?}");
            for (got, want) in train(&cuda).train.iter().zip(&train(&Device::cpu()).train) {
                assert_terms(*got, *want, &what);
                assert_close(got.mega.unwrap(), want.mega.unwrap(), &format!("{what}, MEGA"));
            }
        }
    }
}

fn assert_semi_supervised(got: Terms, want: Terms, what: &str) {
    assert_terms(got, want, what);
    let [got, want] = [got, want].map(|terms| terms.semi_supervised.unwrap());
    assert_close(got.labelled.unwrap(), want.labelled.unwrap(), &format!("{what}, L(x, y)"));
    assert_close(got.unlabelled.unwrap(), want.unlabelled.unwrap(), &format!("{what}, U(x)"));
    assert_close(got.classification, want.classification, &format!("{what}, log q(y|x)"));
}

#[test]
fn semi_supervised_models_learn_on_cuda_what_they_learn_on_the_cpu() {
    let digits = data::handwriting().writers(6).repeats(4).images::<28>();
    let (few, others) = digits.split(0.4, 1).unwrap();
    let cuda = Device::cuda(0).unwrap();
    let fit = || Fit::new().epochs(3).batch(32);
    for network in [ClassifierNetwork::LeNet5, ClassifierNetwork::Dense(vec![32])] {
        for emission in
            [Emission::Bernoulli, Emission::Normal { minimum_std: 0.05 }, Emission::NormalSharedStd]
        {
            let what = format!("{network:?}, {emission:?}");
            let m2 = |device: &Device| {
                let params = M2::<784, 10, 5>::params().hidden([64, 32]).emission(emission);
                let params = params.classifier(network.clone()).unlabelled_batch(24);
                let weighting = Weighting::Bound(0.1);
                let params = params.weighting(weighting).device(device.clone());
                let mut model = params.build().unwrap();
                model.unlabelled(&others).unwrap();
                let history = model.fit(&few, "digit", fit()).unwrap();
                (model.unlabelled_bound(&digits, 2).unwrap().mean(), history)
            };
            let ((got, on_cuda), (want, on_cpu)) = (m2(&cuda), m2(&Device::cpu()));
            assert_terms(got, want, &format!("M2, {what}, U(x)"));
            for (got, want) in on_cuda.train.iter().zip(&on_cpu.train) {
                assert_semi_supervised(*got, *want, &format!("M2, {what}"));
            }
            let sdgm = |device: &Device| {
                let params = Sdgm::<784, 5, 3>::params().label("digit", 10).label("writer", 6);
                let params = params.hidden([32]).emission(emission).classifier(network.clone());
                let mut model = params.device(device.clone()).build().unwrap();
                model.partly_labelled(&others, &["writer"]).unwrap();
                let history = model.fit(&few, fit()).unwrap();
                (model.labelled_bound(&digits, 2).unwrap().mean(), history)
            };
            let ((got, on_cuda), (want, on_cpu)) = (sdgm(&cuda), sdgm(&Device::cpu()));
            assert_terms(got, want, &format!("SDGM, {what}, L(x, y)"));
            for (got, want) in on_cuda.train.iter().zip(&on_cpu.train) {
                assert_semi_supervised(*got, *want, &format!("SDGM, {what}"));
            }
        }
    }
}

/// Trains the network that `build` makes on either device.
fn assert_learns_the_same<N: NetworkKind, const H: usize, const W: usize>(
    images: &Images<H, W>,
    build: impl Fn(Device) -> NetworkClassifier<N, H, W>,
) {
    let train = |device: Device| -> (NetworkClassifier<N, H, W>, History) {
        let mut network = build(device);
        let fit = Fit::new().epochs(3).batch(32).learning_rate(1e-3);
        let history = network.fit(images, fit).unwrap();
        (network, history)
    };
    let (on_cpu, cpu_history) = train(Device::cpu());
    let (on_cuda, cuda_history) = train(Device::cuda(0).unwrap());
    let what = on_cpu.name();
    for (got, want) in cuda_history.train.iter().zip(&cpu_history.train) {
        assert_close(got.elbo, want.elbo, &format!("{what}, log-likelihood"));
    }
    for (got, want) in cuda_history.validation.iter().zip(&cpu_history.validation) {
        assert_close(got.elbo, want.elbo, &format!("{what}, validation"));
    }
    let probabilities = [&on_cuda, &on_cpu].map(|network| network.probabilities(images).unwrap());
    for (got, want) in probabilities[0].iter().zip(&probabilities[1]) {
        assert_close(*got, *want, &format!("{what}, probabilities"));
    }
    // A network trained on the card is used without one.
    let file = tempfile::NamedTempFile::new().unwrap();
    on_cuda.save(file.path()).unwrap();
    let moved = NetworkClassifier::<N, H, W>::load_on(file.path(), &Device::cpu()).unwrap();
    let likelihood =
        |network: &NetworkClassifier<N, H, W>| network.mean_log_likelihood(images).unwrap();
    assert_close(likelihood(&moved), likelihood(&on_cuda), &format!("{what}, moved to the CPU"));
}

#[test]
fn networks_learn_classes_on_cuda_as_they_do_on_the_cpu() {
    let digits = data::handwriting().writers(8).repeats(4).images::<28>();
    // An odd size: pooling leaves out a row and a column.
    let odd = data::handwriting().writers(4).repeats(2).images::<31>();
    assert_learns_the_same(&digits, |device| {
        let params = LeNet::params().predictors(["writer"]).device(device);
        params.build(&digits, "digit").unwrap()
    });
    assert_learns_the_same(&odd, |device| {
        LeNet::params().device(device).build(&odd, "digit").unwrap()
    });
    assert_learns_the_same(&digits, |device| {
        let params = DeepNetwork::params().hidden([64, 32]).predictors(["digit"]).device(device);
        params.build(&digits, "writer").unwrap()
    });
    assert_learns_the_same(&digits, |device| {
        Committee::params().members(2).device(device).build(&digits, "digit").unwrap()
    });
}
